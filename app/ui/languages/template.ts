<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en">
 <context>
  <name>window</name>
  <message>
   <source>1 take</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>5 seconds back, ahead</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>: now {size}</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A double click shows this stream alone, and all again (Esc)</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A model of this window on the newest recorded tokens, or one of the paper's sizes</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A network camera (http, https, rtsp …); nothing else is ever contacted.</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A network camera has its own</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A take of {name}: {seconds} s.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>About</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>About Continual Live</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Action</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Action named now</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Actions</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Actions and music genres, named token by token by a Continual Transformer, and what that costs.</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a camera…</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a class of this name</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a file or a camera, or drop files here</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a file…</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Address</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All keyboard shortcuts</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An action fifteen times a second, a genre twice a second. “Not sure” is an answer, too: nothing gets a name that is below the model's threshold. The round i tells how good a model is.</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Answers</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Apache-2.0. Qt is LGPL; the others' licences are under “Licences”.</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Appearance</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Appearance, settings, model cards, keys, about</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As it comes</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As the system</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Asked of the camera; one that has it not gives what it will</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Back to the shipped</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Begin</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Begin a file again at its end</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Begin again at the end</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Both modes as fast as they can, side by side</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Both modes on the same tokens, each on a thread of its own, as fast as it can.</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Camera</source>
   <extracomment>device_picker.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Camera URL</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Camera URL…</source>
   <extracomment>device_picker.py, stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Camera and microphone</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Camera and microphone options</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Catching up to {time}</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Channel</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Channel of the microphone</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Channel {number}</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check</source>
   <extracomment>pages.py, source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check the two modes against each other</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a camera and a microphone, open a file or drop one on the window, or play the demo. Nothing that is seen or heard leaves this machine.</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a camera or a microphone above, open a file, or drop one here</source>
   <extracomment>refresh.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Classes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <extracomment>about.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close (Esc)</source>
   <extracomment>about.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compute only what the new token changes; the same answer</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continual</source>
   <extracomment>grid_window.py, settings_dialog.py, source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy versions</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cost</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cost, timeline, check and race</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Costs in</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Count FLOPs, two a multiply-accumulate</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Count, then {seconds} s</source>
   <extracomment>teach_recording.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ctrl+Tab goes to the next</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dark</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dark appearance</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete this take</source>
   <extracomment>teach_takes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Demo</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Demo clip</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dismiss; the key takes the newest</source>
   <extracomment>banner.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Do it as you will do it later, for three seconds. Three takes, each a little other.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Do it once more, in place of this one</source>
   <extracomment>teach_takes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drag, or press, to go anywhere in the file; the keys go five seconds</source>
   <extracomment>position.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>End the tour; the menu has it again (Esc)</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>End this stream; the others go on</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine of the continual mode</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>FLOPs, two a multiply-accumulate</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>FLOPs, two of each</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files begin again at their end</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files opened lately</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files…</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Film with the predictions below, and sound</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Films or sounds, each a take</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Films or sounds, each a take; dropping them here does the same</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Flow</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder: {folder}…</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For a projector: large type, and little of it</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For a report of a fault (Ctrl+Shift+C)</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Forget the chosen class and its takes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Forget what was heard and start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Forget what was seen and start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From capture to prediction</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From capture to prediction, of the newest 512</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From the next start on.</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Full screen</source>
   <extracomment>stage.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go on</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go on (Enter)</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Half, nineteen of twenty and ninety-nine of a hundred are faster</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hold</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hold all files, not the cameras</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hold to record</source>
   <extracomment>teach_recording.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How far the two modes lie apart on the same tokens</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How sure it is, on the mean of the last {seconds} s</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is quiet</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep the login on this computer, in a file that only you can read</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keys</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Language</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Learn the classes from their takes; nothing leaves this machine</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leave the stage</source>
   <extracomment>stage.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Legend</source>
   <extracomment>legend.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Let another model of {task} answer: a .safetensors file made by `train`</source>
   <extracomment>model_card.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Let both modes run as fast as they can for twenty seconds</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Let it be heard for three seconds and more. Three takes, each a little other.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Let the shipped model answer again</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Licences</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Light</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Light appearance</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Light, dark, or what the desktop has</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Likeliest classes</source>
   <extracomment>answer_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load weights for {task}…</source>
   <extracomment>files.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load weights…</source>
   <extracomment>model_card.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Log</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look for cameras and microphones again</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look for devices again</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loop</source>
   <extracomment>grid_window.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mean of all</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Median of the newest batched steps, joining of rows that come and go included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Medians of the fastest and the slowest stream, waiting for the batch included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Menu</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Microphone</source>
   <extracomment>device_picker.py, settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mirror</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mirror the picture</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mode</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mode: continual</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mode: regular</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model card: {task}</source>
   <extracomment>menu.py, model_card.py, prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model cards</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model of {task}</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model that races</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More: {takes}.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Multiply-accumulates of matrix products, as in the paper: no bias, norm or softmax; two FLOPs each. Attention includes its projections. While the window fills, only the tokens in it are counted.</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Multiply-accumulates, as the paper</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Music genre</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of a new class</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of the stream</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name these classes live from now on, beside the shipped ones</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Names of the last {seconds} s</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New person</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New person: forget what was seen</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New song</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No camera</source>
   <extracomment>device_picker.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No camera was found</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No microphone</source>
   <extracomment>device_picker.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model could be loaded.</source>
   <extracomment>about.py, main_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No take yet: record one, or drop files here</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No token was recorded yet: play a file, or choose a camera or a microphone.</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nobody is seen</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing</source>
   <extracomment>teach.py, teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing that is seen or heard leaves this machine.</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing was logged yet. It will be in {path}.</source>
   <extracomment>about.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>OVER float32's {bound}</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Of a microphone with several</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Of the first stream with sound</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One run of each feature extractor. Those of music are continual in both modes; a detector that runs now and then is listed, not summed.</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One stream more: a camera, or an address</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One stream more: a file, or drop files here</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open a video or sound file</source>
   <extracomment>files.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open file…</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open the folder</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Out of the picture is what these are done with: {names}</source>
   <extracomment>legend.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Password</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pause</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Percentiles</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Picture</source>
   <extracomment>stream_button.py, video_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Picture of the window at the end</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Picture of the window now</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures and sounds of the file</source>
   <extracomment>stream_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures captured</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures shown</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures skipped</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures that the source delivered</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures that this window painted</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pictures that were not analysed: a newer one came before their turn</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Play</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Play a video or sound file; dropping one on the window does the same</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Play from the beginning</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Play the bundled demo clip</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Play the file's sound through the speakers</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Position and duration</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Position in the file</source>
   <extracomment>position.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Predictions and pictures a second; from capture to prediction, the median</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Predictions as CSV, a file for each task</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Predictions as JSON lines</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Race</source>
   <extracomment>pages.py, race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rates and latency</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reading …</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recent files</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recompute every window (M)</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recompute the whole window at every token</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Record</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Record a take while it is held; the key starts and ends one</source>
   <extracomment>teach_recording.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Record into</source>
   <extracomment>recordings.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Record what is seen, heard and predicted</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recording</source>
   <extracomment>teach_recording.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recording options</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recordings</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regular</source>
   <extracomment>grid_window.py, settings_dialog.py, source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regular over computed, all streams</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regular recomputes the whole window at every step, continual only what is new. The answers are the same: M switches, C runs both and shows the difference.</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reset</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution and mirror of the camera, channel of the microphone</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resolution of the camera</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rival that races beside both modes</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run both modes on the same tokens and show the largest difference</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save as…</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save the model</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save the model with its card: for --actions, run and export</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Saved beside regular Transformers that recompute the window, since the source was chosen; below, of the whole pipeline: with the networks that make the tokens</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Saved by all streams in total, the Transformer alone</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Saved: {path}</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Score</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seeking {time}</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings…</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Silent but at 1×</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Skip</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound</source>
   <extracomment>stream_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound is heard</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound level, waveform and spectrogram</source>
   <extracomment>sound_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound of the last {seconds} seconds: level in dB, waveform, and mel spectrogram (96 bands)</source>
   <extracomment>sound_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound only: no picture in this source</source>
   <extracomment>refresh.py, stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sounds</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speed</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speed; the machine comes no nearer to it</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stage</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stage, for a projector</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Step back while it counts, and do it then</source>
   <extracomment>teach_recording.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Step token by token (M)</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop</source>
   <extracomment>race_view.py, teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop recording</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop recording into {folder}</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopped.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stream {number}: {what}</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System appearance</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take the whole screen, or give it back</source>
   <extracomment>stage.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take {number}, {source}</source>
   <extracomment>teach_takes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take {number}: {tip}</source>
   <extracomment>teach_takes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Takes</source>
   <extracomment>teach_takes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Teach</source>
   <extracomment>source_bar.py, teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Teach actions</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Teach sounds</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Teach the program a gesture or a sound of your own</source>
   <extracomment>source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The Transformer looks back over {tokens} tokens, {rate} a second: {seconds} s</source>
   <extracomment>legend.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The camera</source>
   <extracomment>stream_adder.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The camera to watch, or a network camera's address</source>
   <extracomment>settings_dialog.py, source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The file's sound is heard at its own speed only</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The folder that recordings and pictures go into</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The likeliest classes with their calibrated probabilities</source>
   <extracomment>answer_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The log</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The log is {path}.</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The microphone to listen to</source>
   <extracomment>settings_dialog.py, source_bar.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model card: data, scores, limits, licence</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The models are loading</source>
   <extracomment>opening.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The models are loading…</source>
   <extracomment>opening.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The next picture</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The picture before</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The pose network runs for every stream and tick in either mode</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same of everything that is computed for this answer, the networks before it included</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The shipped model answers again.</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The tour once more</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The whole pipeline of all streams, pose networks included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The whole recording; a click seeks a file</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Theme</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is a class {name} already: record into it, or choose another name.</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>There is nothing to undo.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This file has several pictures or sounds: the one chosen plays from the beginning</source>
   <extracomment>stream_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Time of one step for all streams</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Time of the Transformer alone in the current mode, of the newest 512; what computes it</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Timeline</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Train</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Transformer</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Turned left to right, for you and for the model</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Turns what the camera sees left to right, for you and for the model, which learnt both ways</source>
   <extracomment>device_options.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Two ways to compute it</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use it</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>User name</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Versions</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Versions, licences, model cards and log</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Volume</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Volume of the file's sound</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting for a picture</source>
   <extracomment>refresh.py, stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weights (*.safetensors)</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weights that name these classes: how deep, and what their window spans</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What comes after rests on all that comes before: that is computed first</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What computes the answers; both give the same</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What computes the continual steps; live: NumPy, or Numba when it is compiled and faster. The regular window has the fastest there is</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What costs are counted in</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What each prediction costs, and what is saved</source>
   <extracomment>pages.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What every answer costs, and what is saved: by the Transformer alone, and by the whole pipeline. P is for a projector, F1 lists all keys.</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What happened</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is recorded, and where to</source>
   <extracomment>record_button.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is seen or heard now</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is there is being looked for in the file</source>
   <extracomment>transport.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is to be heard anyhow: the room, talk. Two takes or three.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is watched and heard</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is wrong with the stream</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What it is</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What one would use instead, of the same size and untrained: its time alone</source>
   <extracomment>race_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What that saves</source>
   <extracomment>dialogs.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What the window speaks; what the models name stays English</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was named over the last {seconds} s; empty: not sure</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Whole pipeline</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You are seen</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You at rest, and what you do anyhow: sit, drink, scratch yourself. Two takes or three.</source>
   <extracomment>teach.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>action</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>add a camera</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>add a file</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>all streams again</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>another picture or sound of a file that has several</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>as regular</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>begin again at the end</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>by part</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>camera and microphone options</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>camera, microphone</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>captured</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>check both modes against each other</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>continual</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>continual, checked</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cost, timeline, check, race</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>demo clip</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>dismiss the newest banner</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>end that stream</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>ended</source>
   <extracomment>stream_tile.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>extractors, apart</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fewer MACs</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fewer {unit}</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>files begin again at their end</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>files opened lately</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fold or open the pages</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>followed</source>
   <extracomment>video_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>full screen, and back</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>genre</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>hold the files, or go on</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>latency</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>look for devices again</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>louder, softer</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>model card of the actions</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>model card of the genres</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>multiply-accumulates (MACs)</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>music</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>new person</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>new person in that stream</source>
   <extracomment>grid_window.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>new song</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no music</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no person</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no picture</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no picture any more</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no sound</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no sound any more</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no sound yet</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no take</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>none</source>
   <extracomment>address_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not installed</source>
   <extracomment>about.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not sure</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>nothing computed yet</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>off: C runs both modes</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>one step</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>open a file</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>picture of the window</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>play from the beginning</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>play or pause</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>quit</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>race both modes</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>record, and stop</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>regular, all</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>regular, as run</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>regular, last</source>
   <extracomment>cost_bars.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>saved in total</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>saved: {saved} of {all} {unit}</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>settings</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>shown</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>skipped</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>slower, faster</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>step</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>switch regular / continual</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>teach a gesture or a sound</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the file's sound</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the menu</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the picture before, the next</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the stage, for a projector, and back</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>this list</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>too far away</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting for a picture</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting for a token</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting for sound</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>weights of the actions, of the genres</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>what is recorded, and where to</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>what races: model, engine, rival</source>
   <extracomment>menu.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>whole pipeline</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>window {seconds} s</source>
   <extracomment>legend.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>within float32's {bound}</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} takes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{count} tokens compared</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{genre} (stream {number})</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{names}: named from now on. The model lies in {path}.</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{number} at worst</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{number} of {all}</source>
   <extracomment>tour.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{path} cannot be written: {error}</source>
   <extracomment>teach_footer.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{saved}, {count} predictions</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{saved}, {number} predictions, streams now: {streams}</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{spent} in place of {regular} ({ratio}), pose networks included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task} named now</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task} — max |Δ| of the logits</source>
   <extracomment>check_view.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: a name comes from {percent} % on, on the mean of the last {seconds} s; soon after it is less, it is “not sure”. Both belong to the model: see its card.</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: extractors</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: regular over computed, this prediction</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: saved in total, the Transformer alone</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: the same of the whole pipeline</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: the whole pipeline, extractors included</source>
   <extracomment>cost_panel.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{task}: what is named now, and the likeliest classes</source>
   <extracomment>stage_parts.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{time} for {streams} streams at once, {each} each</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{time}: each stream's window by itself</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation type="unfinished" />
  </message>
 </context>
</TS>
