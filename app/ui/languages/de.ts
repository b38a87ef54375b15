<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en" language="de">
 <context>
  <name>window</name>
  <message>
   <source>1 take</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>1 Aufnahme</translation>
  </message>
  <message>
   <source>5 seconds back, ahead</source>
   <extracomment>menu.py</extracomment>
   <translation>5 Sekunden zurück, vor</translation>
  </message>
  <message>
   <source>: now {size}</source>
   <extracomment>device_options.py</extracomment>
   <translation>: jetzt {size}</translation>
  </message>
  <message>
   <source>A double click shows this stream alone, and all again (Esc)</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Ein Doppelklick zeigt nur diesen Strom, und wieder alle (Esc)</translation>
  </message>
  <message>
   <source>A model of this window on the newest recorded tokens, or one of the paper's sizes</source>
   <extracomment>race_view.py</extracomment>
   <translation>Ein Modell dieses Fensters mit den neuesten aufgenommenen Tokens, oder eines in einer Größe der Arbeit</translation>
  </message>
  <message>
   <source>A network camera (http, https, rtsp …); nothing else is ever contacted.</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Eine Netzwerkkamera (http, https, rtsp …); mit nichts anderem wird je Verbindung aufgenommen.</translation>
  </message>
  <message>
   <source>A network camera has its own</source>
   <extracomment>device_options.py</extracomment>
   <translation>Eine Netzwerkkamera hat ihre eigene</translation>
  </message>
  <message>
   <source>A take of {name}: {seconds} s.</source>
   <extracomment>teach.py</extracomment>
   <translation>Eine Aufnahme von {name}: {seconds} s.</translation>
  </message>
  <message>
   <source>About</source>
   <extracomment>menu.py</extracomment>
   <translation>Über</translation>
  </message>
  <message>
   <source>About Continual Live</source>
   <extracomment>about.py</extracomment>
   <translation>Über Continual Live</translation>
  </message>
  <message>
   <source>Action</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Bewegung</translation>
  </message>
  <message>
   <source>Action named now</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Jetzt benannte Aktion</translation>
  </message>
  <message>
   <source>Actions</source>
   <extracomment>teach.py</extracomment>
   <translation>Gesten</translation>
  </message>
  <message>
   <source>Actions and music genres, named token by token by a Continual Transformer, and what that costs.</source>
   <extracomment>about.py</extracomment>
   <translation>Bewegungen und Musikrichtungen, Token für Token von einem Continual Transformer benannt, und was das kostet.</translation>
  </message>
  <message>
   <source>Add</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Hinzufügen</translation>
  </message>
  <message>
   <source>Add a camera…</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Kamera hinzufügen…</translation>
  </message>
  <message>
   <source>Add a class of this name</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Eine Klasse dieses Namens hinzufügen</translation>
  </message>
  <message>
   <source>Add a file or a camera, or drop files here</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Füge eine Datei oder Kamera hinzu, oder lege Dateien hier ab</translation>
  </message>
  <message>
   <source>Add a file…</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Datei hinzufügen…</translation>
  </message>
  <message>
   <source>Address</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Adresse</translation>
  </message>
  <message>
   <source>All keyboard shortcuts</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Alle Tastenkürzel</translation>
  </message>
  <message>
   <source>An action fifteen times a second, a genre twice a second. “Not sure” is an answer, too: nothing gets a name that is below the model's threshold. The round i tells how good a model is.</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Eine Bewegung fünfzehnmal, eine Musikrichtung zweimal in der Sekunde. „Unsicher“ ist auch eine Antwort: Was unter der Schwelle des Modells liegt, erhält keinen Namen. Das runde i sagt, wie gut ein Modell ist.</translation>
  </message>
  <message>
   <source>Answers</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Antworten</translation>
  </message>
  <message>
   <source>Apache-2.0. Qt is LGPL; the others' licences are under “Licences”.</source>
   <extracomment>about.py</extracomment>
   <translation>Apache-2.0. Qt steht unter der LGPL; die Lizenzen der anderen stehen unter „Lizenzen“.</translation>
  </message>
  <message>
   <source>Appearance</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Aussehen</translation>
  </message>
  <message>
   <source>Appearance, settings, model cards, keys, about</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Aussehen, Einstellungen, Modellkarten, Tasten, Über</translation>
  </message>
  <message>
   <source>As it comes</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation>Wie sie kommt</translation>
  </message>
  <message>
   <source>As the system</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Wie das System</translation>
  </message>
  <message>
   <source>Asked of the camera; one that has it not gives what it will</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Von der Kamera verlangt; eine, die sie nicht hat, gibt, was sie will</translation>
  </message>
  <message>
   <source>Back to the shipped</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Zurück zum mitgelieferten</translation>
  </message>
  <message>
   <source>Begin</source>
   <extracomment>tour.py</extracomment>
   <translation>Los</translation>
  </message>
  <message>
   <source>Begin a file again at its end</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Eine Datei am Ende von vorn beginnen</translation>
  </message>
  <message>
   <source>Begin again at the end</source>
   <extracomment>transport.py</extracomment>
   <translation>Am Ende von vorn beginnen</translation>
  </message>
  <message>
   <source>Both modes as fast as they can, side by side</source>
   <extracomment>pages.py</extracomment>
   <translation>Beide Arten, so schnell sie können, nebeneinander</translation>
  </message>
  <message>
   <source>Both modes on the same tokens, each on a thread of its own, as fast as it can.</source>
   <extracomment>race_view.py</extracomment>
   <translation>Beide Arten mit denselben Tokens, jede in einem eigenen Thread, so schnell sie kann.</translation>
  </message>
  <message>
   <source>Camera</source>
   <extracomment>device_picker.py, settings_dialog.py</extracomment>
   <translation>Kamera</translation>
  </message>
  <message>
   <source>Camera URL</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Adresse der Kamera</translation>
  </message>
  <message>
   <source>Camera URL…</source>
   <extracomment>device_picker.py, stream_adder.py</extracomment>
   <translation>Adresse der Kamera…</translation>
  </message>
  <message>
   <source>Camera and microphone</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Kamera und Mikrofon</translation>
  </message>
  <message>
   <source>Camera and microphone options</source>
   <extracomment>device_options.py</extracomment>
   <translation>Optionen von Kamera und Mikrofon</translation>
  </message>
  <message>
   <source>Catching up to {time}</source>
   <extracomment>transport.py</extracomment>
   <translation>Holt auf bis {time}</translation>
  </message>
  <message>
   <source>Channel</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Kanal</translation>
  </message>
  <message>
   <source>Channel of the microphone</source>
   <extracomment>device_options.py</extracomment>
   <translation>Kanal des Mikrofons</translation>
  </message>
  <message>
   <source>Channel {number}</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation>Kanal {number}</translation>
  </message>
  <message>
   <source>Check</source>
   <extracomment>pages.py, source_bar.py</extracomment>
   <translation>Probe</translation>
  </message>
  <message>
   <source>Check the two modes against each other</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Die beiden Arten gegeneinander prüfen</translation>
  </message>
  <message>
   <source>Choose a camera and a microphone, open a file or drop one on the window, or play the demo. Nothing that is seen or heard leaves this machine.</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Kamera und Mikrofon wählen, eine Datei öffnen oder auf das Fenster ziehen, oder die Demo abspielen. Nichts, was gesehen oder gehört wird, verlässt diesen Rechner.</translation>
  </message>
  <message>
   <source>Choose a camera or a microphone above, open a file, or drop one here</source>
   <extracomment>refresh.py</extracomment>
   <translation>Oben Kamera oder Mikrofon wählen, eine Datei öffnen oder hierher ziehen</translation>
  </message>
  <message>
   <source>Classes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Klassen</translation>
  </message>
  <message>
   <source>Close</source>
   <extracomment>about.py, settings_dialog.py</extracomment>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close (Esc)</source>
   <extracomment>about.py, settings_dialog.py</extracomment>
   <translation>Schließen (Esc)</translation>
  </message>
  <message>
   <source>Compute only what the new token changes; the same answer</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Nur berechnen, was das neue Token ändert; dieselbe Antwort</translation>
  </message>
  <message>
   <source>Continual</source>
   <extracomment>grid_window.py, settings_dialog.py, source_bar.py</extracomment>
   <translation>Fortlaufend</translation>
  </message>
  <message>
   <source>Copy versions</source>
   <extracomment>about.py</extracomment>
   <translation>Versionen kopieren</translation>
  </message>
  <message>
   <source>Cost</source>
   <extracomment>pages.py</extracomment>
   <translation>Kosten</translation>
  </message>
  <message>
   <source>Cost, timeline, check and race</source>
   <extracomment>pages.py</extracomment>
   <translation>Kosten, Zeitleiste, Probe und Rennen</translation>
  </message>
  <message>
   <source>Costs in</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Kosten in</translation>
  </message>
  <message>
   <source>Count FLOPs, two a multiply-accumulate</source>
   <extracomment>menu.py</extracomment>
   <translation>FLOPs zählen, zwei je Multiplikation mit Addition</translation>
  </message>
  <message>
   <source>Count, then {seconds} s</source>
   <extracomment>teach_recording.py</extracomment>
   <translation>Zählen, dann {seconds} s</translation>
  </message>
  <message>
   <source>Ctrl+Tab goes to the next</source>
   <extracomment>about.py</extracomment>
   <translation>Strg+Tab geht zum nächsten</translation>
  </message>
  <message>
   <source>Dark</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Dunkel</translation>
  </message>
  <message>
   <source>Dark appearance</source>
   <extracomment>menu.py</extracomment>
   <translation>Dunkles Aussehen</translation>
  </message>
  <message>
   <source>Delete</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Delete this take</source>
   <extracomment>teach_takes.py</extracomment>
   <translation>Diese Aufnahme löschen</translation>
  </message>
  <message>
   <source>Demo</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Demo</translation>
  </message>
  <message>
   <source>Demo clip</source>
   <extracomment>transport.py</extracomment>
   <translation>Demofilm</translation>
  </message>
  <message>
   <source>Dismiss; the key takes the newest</source>
   <extracomment>banner.py</extracomment>
   <translation>Schließen; die Taste nimmt die neueste</translation>
  </message>
  <message>
   <source>Do it as you will do it later, for three seconds. Three takes, each a little other.</source>
   <extracomment>teach.py</extracomment>
   <translation>Tun Sie es drei Sekunden lang, wie Sie es später tun werden. Drei Aufnahmen, jede ein wenig anders.</translation>
  </message>
  <message>
   <source>Do it once more, in place of this one</source>
   <extracomment>teach_takes.py</extracomment>
   <translation>Noch einmal tun, an Stelle dieser</translation>
  </message>
  <message>
   <source>Drag, or press, to go anywhere in the file; the keys go five seconds</source>
   <extracomment>position.py</extracomment>
   <translation>Ziehen oder drücken, um irgendwohin in der Datei zu gehen; die Tasten gehen fünf Sekunden</translation>
  </message>
  <message>
   <source>End the tour; the menu has it again (Esc)</source>
   <extracomment>tour.py</extracomment>
   <translation>Die Führung beenden; im Menü steht sie wieder (Esc)</translation>
  </message>
  <message>
   <source>End this stream; the others go on</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Diesen Strom beenden; die anderen laufen weiter</translation>
  </message>
  <message>
   <source>Engine of the continual mode</source>
   <extracomment>race_view.py</extracomment>
   <translation>Womit fortlaufend gerechnet wird</translation>
  </message>
  <message>
   <source>FLOPs, two a multiply-accumulate</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>FLOPs, zwei je Multiplikation mit Addition</translation>
  </message>
  <message>
   <source>FLOPs, two of each</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>FLOPs, zwei je Stück</translation>
  </message>
  <message>
   <source>Files</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Dateien</translation>
  </message>
  <message>
   <source>Files begin again at their end</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Dateien beginnen an ihrem Ende von vorn</translation>
  </message>
  <message>
   <source>Files opened lately</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Zuletzt geöffnete Dateien</translation>
  </message>
  <message>
   <source>Files…</source>
   <extracomment>teach.py</extracomment>
   <translation>Dateien…</translation>
  </message>
  <message>
   <source>Film with the predictions below, and sound</source>
   <extracomment>record_button.py</extracomment>
   <translation>Film mit den Vorhersagen darunter, und Ton</translation>
  </message>
  <message>
   <source>Films or sounds, each a take</source>
   <extracomment>teach.py</extracomment>
   <translation>Filme oder Klänge, jeder eine Aufnahme</translation>
  </message>
  <message>
   <source>Films or sounds, each a take; dropping them here does the same</source>
   <extracomment>teach.py</extracomment>
   <translation>Filme oder Klänge, jeder eine Aufnahme; hierher ziehen tut dasselbe</translation>
  </message>
  <message>
   <source>Flow</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Fluss</translation>
  </message>
  <message>
   <source>Folder: {folder}…</source>
   <extracomment>record_button.py</extracomment>
   <translation>Ordner: {folder}…</translation>
  </message>
  <message>
   <source>For a projector: large type, and little of it</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Für einen Projektor: große Schrift, und wenig davon</translation>
  </message>
  <message>
   <source>For a report of a fault (Ctrl+Shift+C)</source>
   <extracomment>about.py</extracomment>
   <translation>Für eine Fehlermeldung (Strg+Umschalt+C)</translation>
  </message>
  <message>
   <source>Forget the chosen class and its takes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Die gewählte Klasse und ihre Aufnahmen vergessen</translation>
  </message>
  <message>
   <source>Forget what was heard and start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Das Gehörte vergessen und mit leerem Fenster beginnen</translation>
  </message>
  <message>
   <source>Forget what was seen and start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Das Gesehene vergessen und mit leerem Fenster beginnen</translation>
  </message>
  <message>
   <source>From capture to prediction</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Von der Aufnahme zur Vorhersage</translation>
  </message>
  <message>
   <source>From capture to prediction, of the newest 512</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Von der Aufnahme bis zur Antwort, der neuesten 512</translation>
  </message>
  <message>
   <source>From the next start on.</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Vom nächsten Start an.</translation>
  </message>
  <message>
   <source>Full screen</source>
   <extracomment>stage.py</extracomment>
   <translation>Ganzer Bildschirm</translation>
  </message>
  <message>
   <source>Go on</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>Go on (Enter)</source>
   <extracomment>tour.py</extracomment>
   <translation>Weiter (Eingabe)</translation>
  </message>
  <message>
   <source>Half, nineteen of twenty and ninety-nine of a hundred are faster</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Die Hälfte, neunzehn von zwanzig und neunundneunzig von hundert sind schneller</translation>
  </message>
  <message>
   <source>Hold</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Hold all files, not the cameras</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Alle Dateien anhalten, nicht die Kameras</translation>
  </message>
  <message>
   <source>Hold to record</source>
   <extracomment>teach_recording.py</extracomment>
   <translation>Halten zum Aufnehmen</translation>
  </message>
  <message>
   <source>How far the two modes lie apart on the same tokens</source>
   <extracomment>pages.py</extracomment>
   <translation>Wie weit die beiden Arten bei denselben Tokens auseinanderliegen</translation>
  </message>
  <message>
   <source>How sure it is, on the mean of the last {seconds} s</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Wie sicher es ist, im Mittel der letzten {seconds} s</translation>
  </message>
  <message>
   <source>It is quiet</source>
   <extracomment>teach.py</extracomment>
   <translation>Es ist still</translation>
  </message>
  <message>
   <source>Keep the login on this computer, in a file that only you can read</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Die Anmeldung auf diesem Rechner behalten, in einer Datei, die nur Sie lesen können</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation>Tasten</translation>
  </message>
  <message>
   <source>Keys</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Tasten</translation>
  </message>
  <message>
   <source>Language</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Sprache</translation>
  </message>
  <message>
   <source>Learn the classes from their takes; nothing leaves this machine</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Die Klassen aus ihren Aufnahmen lernen; nichts verlässt diesen Rechner</translation>
  </message>
  <message>
   <source>Leave the stage</source>
   <extracomment>stage.py</extracomment>
   <translation>Die Bühne verlassen</translation>
  </message>
  <message>
   <source>Legend</source>
   <extracomment>legend.py</extracomment>
   <translation>Legende</translation>
  </message>
  <message>
   <source>Let another model of {task} answer: a .safetensors file made by `train`</source>
   <extracomment>model_card.py</extracomment>
   <translation>Ein anderes Modell für {task} antworten lassen: eine .safetensors-Datei von `train`</translation>
  </message>
  <message>
   <source>Let both modes run as fast as they can for twenty seconds</source>
   <extracomment>race_view.py</extracomment>
   <translation>Beide Arten zwanzig Sekunden laufen lassen, so schnell sie können</translation>
  </message>
  <message>
   <source>Let it be heard for three seconds and more. Three takes, each a little other.</source>
   <extracomment>teach.py</extracomment>
   <translation>Lassen Sie es drei Sekunden und länger hören. Drei Aufnahmen, jede ein wenig anders.</translation>
  </message>
  <message>
   <source>Let the shipped model answer again</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Wieder das mitgelieferte Modell antworten lassen</translation>
  </message>
  <message>
   <source>Licences</source>
   <extracomment>about.py</extracomment>
   <translation>Lizenzen</translation>
  </message>
  <message>
   <source>Light</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Hell</translation>
  </message>
  <message>
   <source>Light appearance</source>
   <extracomment>menu.py</extracomment>
   <translation>Helles Aussehen</translation>
  </message>
  <message>
   <source>Light, dark, or what the desktop has</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Hell, dunkel, oder was der Schreibtisch hat</translation>
  </message>
  <message>
   <source>Likeliest classes</source>
   <extracomment>answer_bars.py</extracomment>
   <translation>Wahrscheinlichste Klassen</translation>
  </message>
  <message>
   <source>Load weights for {task}…</source>
   <extracomment>files.py, menu.py</extracomment>
   <translation>Gewichte für {task} laden…</translation>
  </message>
  <message>
   <source>Load weights…</source>
   <extracomment>model_card.py</extracomment>
   <translation>Gewichte laden…</translation>
  </message>
  <message>
   <source>Log</source>
   <extracomment>about.py</extracomment>
   <translation>Protokoll</translation>
  </message>
  <message>
   <source>Look for cameras and microphones again</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Noch einmal nach Kameras und Mikrofonen suchen</translation>
  </message>
  <message>
   <source>Look for devices again</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Geräte neu suchen</translation>
  </message>
  <message>
   <source>Loop</source>
   <extracomment>grid_window.py, settings_dialog.py</extracomment>
   <translation>Schleife</translation>
  </message>
  <message>
   <source>Mean of all</source>
   <extracomment>device_options.py, settings_dialog.py</extracomment>
   <translation>Mittel aller</translation>
  </message>
  <message>
   <source>Median of the newest batched steps, joining of rows that come and go included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Median der neuesten gemeinsamen Schritte, samt dem Zusammenfügen von Zeilen, die kommen und gehen</translation>
  </message>
  <message>
   <source>Medians of the fastest and the slowest stream, waiting for the batch included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Mediane des schnellsten und des langsamsten Stroms, samt dem Warten auf die anderen</translation>
  </message>
  <message>
   <source>Menu</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Menü</translation>
  </message>
  <message>
   <source>Microphone</source>
   <extracomment>device_picker.py, settings_dialog.py</extracomment>
   <translation>Mikrofon</translation>
  </message>
  <message>
   <source>Mirror</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Spiegeln</translation>
  </message>
  <message>
   <source>Mirror the picture</source>
   <extracomment>device_options.py</extracomment>
   <translation>Das Bild spiegeln</translation>
  </message>
  <message>
   <source>Mode</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Art</translation>
  </message>
  <message>
   <source>Mode: continual</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Art: fortlaufend</translation>
  </message>
  <message>
   <source>Mode: regular</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Art: üblich</translation>
  </message>
  <message>
   <source>Model card: {task}</source>
   <extracomment>menu.py, model_card.py, prediction_panel.py</extracomment>
   <translation>Modellkarte: {task}</translation>
  </message>
  <message>
   <source>Model cards</source>
   <extracomment>about.py</extracomment>
   <translation>Modellkarten</translation>
  </message>
  <message>
   <source>Model of {task}</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Modell: {task}</translation>
  </message>
  <message>
   <source>Model that races</source>
   <extracomment>race_view.py</extracomment>
   <translation>Modell, das läuft</translation>
  </message>
  <message>
   <source>More: {takes}.</source>
   <extracomment>teach.py</extracomment>
   <translation>Dazu: {takes}.</translation>
  </message>
  <message>
   <source>Multiply-accumulates of matrix products, as in the paper: no bias, norm or softmax; two FLOPs each. Attention includes its projections. While the window fills, only the tokens in it are counted.</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>Multiplikationen mit Addition der Matrixprodukte, wie in der Arbeit: ohne Bias, Norm und Softmax; je zwei FLOPs. Zur Attention gehören ihre Projektionen. Solange das Fenster sich füllt, zählen nur die Tokens darin.</translation>
  </message>
  <message>
   <source>Multiply-accumulates, as the paper</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Multiplikationen mit Addition, wie die Arbeit</translation>
  </message>
  <message>
   <source>Music genre</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation>Musikrichtung</translation>
  </message>
  <message>
   <source>Name of a new class</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Name einer neuen Klasse</translation>
  </message>
  <message>
   <source>Name of the stream</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Name des Stroms</translation>
  </message>
  <message>
   <source>Name these classes live from now on, beside the shipped ones</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Diese Klassen ab jetzt nennen, neben den mitgelieferten</translation>
  </message>
  <message>
   <source>Names of the last {seconds} s</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Namen der letzten {seconds} s</translation>
  </message>
  <message>
   <source>New person</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Neue Person</translation>
  </message>
  <message>
   <source>New person: forget what was seen</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Neue Person: vergessen, was gesehen wurde</translation>
  </message>
  <message>
   <source>New song</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Neues Lied</translation>
  </message>
  <message>
   <source>Next</source>
   <extracomment>tour.py</extracomment>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>No camera</source>
   <extracomment>device_picker.py</extracomment>
   <translation>Keine Kamera</translation>
  </message>
  <message>
   <source>No camera was found</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Keine Kamera gefunden</translation>
  </message>
  <message>
   <source>No microphone</source>
   <extracomment>device_picker.py</extracomment>
   <translation>Kein Mikrofon</translation>
  </message>
  <message>
   <source>No model could be loaded.</source>
   <extracomment>about.py, main_window.py</extracomment>
   <translation>Kein Modell konnte geladen werden.</translation>
  </message>
  <message>
   <source>No take yet: record one, or drop files here</source>
   <extracomment>teach.py</extracomment>
   <translation>Noch keine Aufnahme: nehmen Sie eine auf, oder ziehen Sie Dateien hierher</translation>
  </message>
  <message>
   <source>No token was recorded yet: play a file, or choose a camera or a microphone.</source>
   <extracomment>race_view.py</extracomment>
   <translation>Noch wurde kein Token aufgenommen: eine Datei abspielen, oder Kamera oder Mikrofon wählen.</translation>
  </message>
  <message>
   <source>Nobody is seen</source>
   <extracomment>teach.py</extracomment>
   <translation>Niemand ist zu sehen</translation>
  </message>
  <message>
   <source>Nothing</source>
   <extracomment>teach.py, teach_classes.py</extracomment>
   <translation>Nichts</translation>
  </message>
  <message>
   <source>Nothing that is seen or heard leaves this machine.</source>
   <extracomment>about.py</extracomment>
   <translation>Nichts, was gesehen oder gehört wird, verlässt diesen Rechner.</translation>
  </message>
  <message>
   <source>Nothing was logged yet. It will be in {path}.</source>
   <extracomment>about.py, menu.py</extracomment>
   <translation>Noch wurde nichts protokolliert. Es wird in {path} stehen.</translation>
  </message>
  <message>
   <source>OVER float32's {bound}</source>
   <extracomment>check_view.py</extracomment>
   <translation>ÜBER den {bound} von float32</translation>
  </message>
  <message>
   <source>Of a microphone with several</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Eines Mikrofons mit mehreren</translation>
  </message>
  <message>
   <source>Of the first stream with sound</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Des ersten Stroms mit Ton</translation>
  </message>
  <message>
   <source>One run of each feature extractor. Those of music are continual in both modes; a detector that runs now and then is listed, not summed.</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Ein Lauf jedes Netzes, das Tokens macht. Die der Musik rechnen in beiden Arten kontinuierlich; ein Detektor, der ab und zu läuft, ist genannt, nicht mitgezählt.</translation>
  </message>
  <message>
   <source>One stream more: a camera, or an address</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Ein Strom mehr: eine Kamera oder eine Adresse</translation>
  </message>
  <message>
   <source>One stream more: a file, or drop files here</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Ein Strom mehr: eine Datei, oder Dateien hier ablegen</translation>
  </message>
  <message>
   <source>Open a video or sound file</source>
   <extracomment>files.py</extracomment>
   <translation>Eine Film- oder Tondatei öffnen</translation>
  </message>
  <message>
   <source>Open file…</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Datei öffnen…</translation>
  </message>
  <message>
   <source>Open the folder</source>
   <extracomment>record_button.py</extracomment>
   <translation>Den Ordner öffnen</translation>
  </message>
  <message>
   <source>Out of the picture is what these are done with: {names}</source>
   <extracomment>legend.py</extracomment>
   <translation>Nicht im Bild ist, womit man das macht: {names}</translation>
  </message>
  <message>
   <source>Password</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Passwort</translation>
  </message>
  <message>
   <source>Pause</source>
   <extracomment>transport.py</extracomment>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Percentiles</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Perzentile</translation>
  </message>
  <message>
   <source>Picture</source>
   <extracomment>stream_button.py, video_view.py</extracomment>
   <translation>Bild</translation>
  </message>
  <message>
   <source>Picture of the window at the end</source>
   <extracomment>record_button.py</extracomment>
   <translation>Bild des Fensters am Ende</translation>
  </message>
  <message>
   <source>Picture of the window now</source>
   <extracomment>record_button.py</extracomment>
   <translation>Bild des Fensters jetzt</translation>
  </message>
  <message>
   <source>Pictures and sounds of the file</source>
   <extracomment>stream_button.py</extracomment>
   <translation>Bilder und Tonspuren der Datei</translation>
  </message>
  <message>
   <source>Pictures captured</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Aufgenommene Bilder</translation>
  </message>
  <message>
   <source>Pictures shown</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Gezeigte Bilder</translation>
  </message>
  <message>
   <source>Pictures skipped</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Übersprungene Bilder</translation>
  </message>
  <message>
   <source>Pictures that the source delivered</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Bilder, die die Quelle geliefert hat</translation>
  </message>
  <message>
   <source>Pictures that this window painted</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Bilder, die dieses Fenster gemalt hat</translation>
  </message>
  <message>
   <source>Pictures that were not analysed: a newer one came before their turn</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Bilder, die nicht untersucht wurden: Ein neueres kam ihnen zuvor</translation>
  </message>
  <message>
   <source>Play</source>
   <extracomment>transport.py</extracomment>
   <translation>Abspielen</translation>
  </message>
  <message>
   <source>Play a video or sound file; dropping one on the window does the same</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Eine Film- oder Tondatei abspielen; eine auf das Fenster zu ziehen tut dasselbe</translation>
  </message>
  <message>
   <source>Play from the beginning</source>
   <extracomment>transport.py</extracomment>
   <translation>Von vorn abspielen</translation>
  </message>
  <message>
   <source>Play the bundled demo clip</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Den mitgelieferten Demofilm abspielen</translation>
  </message>
  <message>
   <source>Play the file's sound through the speakers</source>
   <extracomment>transport.py</extracomment>
   <translation>Den Ton der Datei über die Lautsprecher spielen</translation>
  </message>
  <message>
   <source>Position and duration</source>
   <extracomment>transport.py</extracomment>
   <translation>Stelle und Dauer</translation>
  </message>
  <message>
   <source>Position in the file</source>
   <extracomment>position.py</extracomment>
   <translation>Stelle in der Datei</translation>
  </message>
  <message>
   <source>Predictions and pictures a second; from capture to prediction, the median</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Vorhersagen und Bilder je Sekunde; von der Aufnahme zur Vorhersage, der Median</translation>
  </message>
  <message>
   <source>Predictions as CSV, a file for each task</source>
   <extracomment>record_button.py</extracomment>
   <translation>Vorhersagen als CSV, eine Datei je Aufgabe</translation>
  </message>
  <message>
   <source>Predictions as JSON lines</source>
   <extracomment>record_button.py</extracomment>
   <translation>Vorhersagen als JSON-Zeilen</translation>
  </message>
  <message>
   <source>Progress</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Fortschritt</translation>
  </message>
  <message>
   <source>Race</source>
   <extracomment>pages.py, race_view.py</extracomment>
   <translation>Rennen</translation>
  </message>
  <message>
   <source>Rates and latency</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Raten und Latenz</translation>
  </message>
  <message>
   <source>Reading …</source>
   <extracomment>teach.py</extracomment>
   <translation>Lese …</translation>
  </message>
  <message>
   <source>Recent files</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Letzte Dateien</translation>
  </message>
  <message>
   <source>Recompute every window (M)</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Jedes Fenster neu berechnen (M)</translation>
  </message>
  <message>
   <source>Recompute the whole window at every token</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Bei jedem Token das ganze Fenster neu berechnen</translation>
  </message>
  <message>
   <source>Record</source>
   <extracomment>record_button.py</extracomment>
   <translation>Aufnehmen</translation>
  </message>
  <message>
   <source>Record a take while it is held; the key starts and ends one</source>
   <extracomment>teach_recording.py</extracomment>
   <translation>Nimmt auf, solange gehalten wird; die Taste beginnt und beendet</translation>
  </message>
  <message>
   <source>Record into</source>
   <extracomment>recordings.py</extracomment>
   <translation>Aufnehmen in</translation>
  </message>
  <message>
   <source>Record what is seen, heard and predicted</source>
   <extracomment>record_button.py</extracomment>
   <translation>Aufnehmen, was gesehen, gehört und vorhergesagt wird</translation>
  </message>
  <message>
   <source>Recording</source>
   <extracomment>teach_recording.py</extracomment>
   <translation>Aufnahme</translation>
  </message>
  <message>
   <source>Recording options</source>
   <extracomment>record_button.py</extracomment>
   <translation>Einstellungen der Aufnahme</translation>
  </message>
  <message>
   <source>Recordings</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Aufnahmen</translation>
  </message>
  <message>
   <source>Regular</source>
   <extracomment>grid_window.py, settings_dialog.py, source_bar.py</extracomment>
   <translation>Üblich</translation>
  </message>
  <message>
   <source>Regular over computed, all streams</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Regulär durch berechnet, alle Ströme</translation>
  </message>
  <message>
   <source>Regular recomputes the whole window at every step, continual only what is new. The answers are the same: M switches, C runs both and shows the difference.</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Üblich berechnet bei jedem Schritt das ganze Fenster neu, fortlaufend nur, was neu ist. Die Antworten sind dieselben: M schaltet um, C rechnet beides und zeigt den Unterschied.</translation>
  </message>
  <message>
   <source>Reset</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Von vorn</translation>
  </message>
  <message>
   <source>Resolution</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Auflösung</translation>
  </message>
  <message>
   <source>Resolution and mirror of the camera, channel of the microphone</source>
   <extracomment>device_options.py</extracomment>
   <translation>Auflösung und Spiegelung der Kamera, Kanal des Mikrofons</translation>
  </message>
  <message>
   <source>Resolution of the camera</source>
   <extracomment>device_options.py</extracomment>
   <translation>Auflösung der Kamera</translation>
  </message>
  <message>
   <source>Rival that races beside both modes</source>
   <extracomment>race_view.py</extracomment>
   <translation>Rivale, der neben beiden läuft</translation>
  </message>
  <message>
   <source>Run both modes on the same tokens and show the largest difference</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Beide Arten mit denselben Tokens rechnen und den größten Unterschied zeigen</translation>
  </message>
  <message>
   <source>Save as…</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Speichern…</translation>
  </message>
  <message>
   <source>Save the model</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Das Modell speichern</translation>
  </message>
  <message>
   <source>Save the model with its card: for --actions, run and export</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Das Modell mit seiner Karte speichern: für --actions, run und export</translation>
  </message>
  <message>
   <source>Saved beside regular Transformers that recompute the window, since the source was chosen; below, of the whole pipeline: with the networks that make the tokens</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>Gespart gegenüber üblichen Transformern, die das Fenster neu berechnen, seit die Quelle gewählt wurde; darunter von allem: mit den Netzen, die die Tokens machen</translation>
  </message>
  <message>
   <source>Saved by all streams in total, the Transformer alone</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Von allen Strömen insgesamt gespart, der Transformer allein</translation>
  </message>
  <message>
   <source>Saved: {path}</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Gespeichert: {path}</translation>
  </message>
  <message>
   <source>Score</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Seeking {time}</source>
   <extracomment>transport.py</extracomment>
   <translation>{time} wird gesucht</translation>
  </message>
  <message>
   <source>Settings</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Settings…</source>
   <extracomment>menu.py</extracomment>
   <translation>Einstellungen…</translation>
  </message>
  <message>
   <source>Silent but at 1×</source>
   <extracomment>transport.py</extracomment>
   <translation>Stumm außer bei 1×</translation>
  </message>
  <message>
   <source>Skip</source>
   <extracomment>tour.py</extracomment>
   <translation>Überspringen</translation>
  </message>
  <message>
   <source>Sound</source>
   <extracomment>stream_button.py</extracomment>
   <translation>Ton</translation>
  </message>
  <message>
   <source>Sound is heard</source>
   <extracomment>teach.py</extracomment>
   <translation>Klang ist zu hören</translation>
  </message>
  <message>
   <source>Sound level, waveform and spectrogram</source>
   <extracomment>sound_view.py</extracomment>
   <translation>Pegel, Wellenform und Spektrogramm</translation>
  </message>
  <message>
   <source>Sound of the last {seconds} seconds: level in dB, waveform, and mel spectrogram (96 bands)</source>
   <extracomment>sound_view.py</extracomment>
   <translation>Ton der letzten {seconds} Sekunden: Pegel in dB, Wellenform und Mel-Spektrogramm (96 Bänder)</translation>
  </message>
  <message>
   <source>Sound only: no picture in this source</source>
   <extracomment>refresh.py, stream_tile.py</extracomment>
   <translation>Nur Ton: kein Bild in dieser Quelle</translation>
  </message>
  <message>
   <source>Sounds</source>
   <extracomment>teach.py</extracomment>
   <translation>Klänge</translation>
  </message>
  <message>
   <source>Speed</source>
   <extracomment>transport.py</extracomment>
   <translation>Geschwindigkeit</translation>
  </message>
  <message>
   <source>Speed; the machine comes no nearer to it</source>
   <extracomment>transport.py</extracomment>
   <translation>Geschwindigkeit; der Rechner kommt nicht näher heran</translation>
  </message>
  <message>
   <source>Stage</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Bühne</translation>
  </message>
  <message>
   <source>Stage, for a projector</source>
   <extracomment>menu.py</extracomment>
   <translation>Bühne, für einen Projektor</translation>
  </message>
  <message>
   <source>Start with an empty window</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Mit leerem Fenster beginnen</translation>
  </message>
  <message>
   <source>Step back while it counts, and do it then</source>
   <extracomment>teach_recording.py</extracomment>
   <translation>Zurücktreten, während gezählt wird, und es dann tun</translation>
  </message>
  <message>
   <source>Step token by token (M)</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Token für Token schreiten (M)</translation>
  </message>
  <message>
   <source>Stop</source>
   <extracomment>race_view.py, teach_footer.py</extracomment>
   <translation>Halt</translation>
  </message>
  <message>
   <source>Stop recording</source>
   <extracomment>record_button.py</extracomment>
   <translation>Aufnahme beenden</translation>
  </message>
  <message>
   <source>Stop recording into {folder}</source>
   <extracomment>record_button.py</extracomment>
   <translation>Aufnahme in {folder} beenden</translation>
  </message>
  <message>
   <source>Stopped.</source>
   <extracomment>teach.py</extracomment>
   <translation>Angehalten.</translation>
  </message>
  <message>
   <source>Stream {number}: {what}</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Strom {number}: {what}</translation>
  </message>
  <message>
   <source>System</source>
   <extracomment>about.py</extracomment>
   <translation>System</translation>
  </message>
  <message>
   <source>System appearance</source>
   <extracomment>menu.py</extracomment>
   <translation>Aussehen des Systems</translation>
  </message>
  <message>
   <source>Take the whole screen, or give it back</source>
   <extracomment>stage.py</extracomment>
   <translation>Den ganzen Bildschirm nehmen, oder zurückgeben</translation>
  </message>
  <message>
   <source>Take {number}, {source}</source>
   <extracomment>teach_takes.py</extracomment>
   <translation>Aufnahme {number}, {source}</translation>
  </message>
  <message>
   <source>Take {number}: {tip}</source>
   <extracomment>teach_takes.py</extracomment>
   <translation>Aufnahme {number}: {tip}</translation>
  </message>
  <message>
   <source>Takes</source>
   <extracomment>teach_takes.py</extracomment>
   <translation>Aufnahmen</translation>
  </message>
  <message>
   <source>Teach</source>
   <extracomment>source_bar.py, teach.py</extracomment>
   <translation>Beibringen</translation>
  </message>
  <message>
   <source>Teach actions</source>
   <extracomment>teach.py</extracomment>
   <translation>Gesten beibringen</translation>
  </message>
  <message>
   <source>Teach sounds</source>
   <extracomment>teach.py</extracomment>
   <translation>Klänge beibringen</translation>
  </message>
  <message>
   <source>Teach the program a gesture or a sound of your own</source>
   <extracomment>source_bar.py</extracomment>
   <translation>Dem Programm eine eigene Geste oder einen eigenen Klang beibringen</translation>
  </message>
  <message>
   <source>The Transformer looks back over {tokens} tokens, {rate} a second: {seconds} s</source>
   <extracomment>legend.py</extracomment>
   <translation>Der Transformer blickt auf {tokens} Tokens zurück, {rate} in der Sekunde: {seconds} s</translation>
  </message>
  <message>
   <source>The camera</source>
   <extracomment>stream_adder.py</extracomment>
   <translation>Die Kamera</translation>
  </message>
  <message>
   <source>The camera to watch, or a network camera's address</source>
   <extracomment>settings_dialog.py, source_bar.py</extracomment>
   <translation>Die Kamera, der zugesehen wird, oder die Adresse einer Netzwerkkamera</translation>
  </message>
  <message>
   <source>The file's sound is heard at its own speed only</source>
   <extracomment>transport.py</extracomment>
   <translation>Der Ton der Datei ist nur in ihrer eigenen Geschwindigkeit zu hören</translation>
  </message>
  <message>
   <source>The folder that recordings and pictures go into</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Der Ordner, in den Aufnahmen und Bilder kommen</translation>
  </message>
  <message>
   <source>The likeliest classes with their calibrated probabilities</source>
   <extracomment>answer_bars.py</extracomment>
   <translation>Die wahrscheinlichsten Klassen mit ihren kalibrierten Wahrscheinlichkeiten</translation>
  </message>
  <message>
   <source>The log</source>
   <extracomment>menu.py</extracomment>
   <translation>Das Protokoll</translation>
  </message>
  <message>
   <source>The log is {path}.</source>
   <extracomment>menu.py</extracomment>
   <translation>Das Protokoll ist {path}.</translation>
  </message>
  <message>
   <source>The microphone to listen to</source>
   <extracomment>settings_dialog.py, source_bar.py</extracomment>
   <translation>Das Mikrofon, dem zugehört wird</translation>
  </message>
  <message>
   <source>The model card: data, scores, limits, licence</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Die Modellkarte: Daten, Ergebnisse, Grenzen, Lizenz</translation>
  </message>
  <message>
   <source>The models are loading</source>
   <extracomment>opening.py</extracomment>
   <translation>Die Modelle werden geladen</translation>
  </message>
  <message>
   <source>The models are loading…</source>
   <extracomment>opening.py</extracomment>
   <translation>Die Modelle werden geladen…</translation>
  </message>
  <message>
   <source>The next picture</source>
   <extracomment>transport.py</extracomment>
   <translation>Das nächste Bild</translation>
  </message>
  <message>
   <source>The picture before</source>
   <extracomment>transport.py</extracomment>
   <translation>Das Bild davor</translation>
  </message>
  <message>
   <source>The pose network runs for every stream and tick in either mode</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Das Posennetz läuft für jeden Strom und Takt in beiden Modi</translation>
  </message>
  <message>
   <source>The same of everything that is computed for this answer, the networks before it included</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Dasselbe von allem, was für diese Antwort gerechnet wird, mit den Netzen davor</translation>
  </message>
  <message>
   <source>The shipped model answers again.</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Das mitgelieferte Modell antwortet wieder.</translation>
  </message>
  <message>
   <source>The tour once more</source>
   <extracomment>menu.py</extracomment>
   <translation>Die Führung noch einmal</translation>
  </message>
  <message>
   <source>The whole pipeline of all streams, pose networks included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Die ganze Kette aller Ströme, samt Posennetzen</translation>
  </message>
  <message>
   <source>The whole recording; a click seeks a file</source>
   <extracomment>pages.py</extracomment>
   <translation>Die ganze Aufnahme; ein Klick springt in einer Datei dorthin</translation>
  </message>
  <message>
   <source>Theme</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Farben</translation>
  </message>
  <message>
   <source>There is a class {name} already: record into it, or choose another name.</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>Es gibt schon eine Klasse {name}: nehmen Sie für sie auf, oder wählen Sie einen anderen Namen.</translation>
  </message>
  <message>
   <source>There is nothing to undo.</source>
   <extracomment>teach.py</extracomment>
   <translation>Es gibt nichts rückgängig zu machen.</translation>
  </message>
  <message>
   <source>This file has several pictures or sounds: the one chosen plays from the beginning</source>
   <extracomment>stream_button.py</extracomment>
   <translation>Diese Datei hat mehrere Bilder oder Tonspuren: Die gewählte spielt von Anfang an</translation>
  </message>
  <message>
   <source>Time of one step for all streams</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Zeit eines Schritts für alle Ströme</translation>
  </message>
  <message>
   <source>Time of the Transformer alone in the current mode, of the newest 512; what computes it</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Zeit des Transformers allein in der jetzigen Art, der neuesten 512; womit er rechnet</translation>
  </message>
  <message>
   <source>Timeline</source>
   <extracomment>pages.py</extracomment>
   <translation>Zeitleiste</translation>
  </message>
  <message>
   <source>Train</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Lernen</translation>
  </message>
  <message>
   <source>Transformer</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>Transformer</translation>
  </message>
  <message>
   <source>Turned left to right, for you and for the model</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Links und rechts vertauscht, für Sie und für das Modell</translation>
  </message>
  <message>
   <source>Turns what the camera sees left to right, for you and for the model, which learnt both ways</source>
   <extracomment>device_options.py</extracomment>
   <translation>Vertauscht links und rechts, für Sie und für das Modell, das beides gelernt hat</translation>
  </message>
  <message>
   <source>Two ways to compute it</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Zwei Wege, es zu berechnen</translation>
  </message>
  <message>
   <source>Use it</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Verwenden</translation>
  </message>
  <message>
   <source>User name</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>Benutzername</translation>
  </message>
  <message>
   <source>Versions</source>
   <extracomment>about.py</extracomment>
   <translation>Versionen</translation>
  </message>
  <message>
   <source>Versions, licences, model cards and log</source>
   <extracomment>about.py</extracomment>
   <translation>Versionen, Lizenzen, Modellkarten und Protokoll</translation>
  </message>
  <message>
   <source>Volume</source>
   <extracomment>transport.py</extracomment>
   <translation>Lautstärke</translation>
  </message>
  <message>
   <source>Volume of the file's sound</source>
   <extracomment>transport.py</extracomment>
   <translation>Lautstärke der Datei</translation>
  </message>
  <message>
   <source>Waiting for a picture</source>
   <extracomment>refresh.py, stream_tile.py</extracomment>
   <translation>Wartet auf ein Bild</translation>
  </message>
  <message>
   <source>Weights (*.safetensors)</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>Gewichte (*.safetensors)</translation>
  </message>
  <message>
   <source>Weights that name these classes: how deep, and what their window spans</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>Gewichte, die diese Klassen benennen: wie tief, und was ihr Fenster umfasst</translation>
  </message>
  <message>
   <source>What comes after rests on all that comes before: that is computed first</source>
   <extracomment>transport.py</extracomment>
   <translation>Was danach kommt, ruht auf allem davor: Das wird zuerst berechnet</translation>
  </message>
  <message>
   <source>What computes the answers; both give the same</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Womit geantwortet wird; beide geben dasselbe</translation>
  </message>
  <message>
   <source>What computes the continual steps; live: NumPy, or Numba when it is compiled and faster. The regular window has the fastest there is</source>
   <extracomment>race_view.py</extracomment>
   <translation>Womit die fortlaufenden Schritte gerechnet werden; live: NumPy, oder Numba, wenn es übersetzt und schneller ist. Das übliche Fenster hat das Schnellste, was es gibt</translation>
  </message>
  <message>
   <source>What costs are counted in</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Worin Kosten gezählt werden</translation>
  </message>
  <message>
   <source>What each prediction costs, and what is saved</source>
   <extracomment>pages.py</extracomment>
   <translation>Was jede Antwort kostet, und was gespart wird</translation>
  </message>
  <message>
   <source>What every answer costs, and what is saved: by the Transformer alone, and by the whole pipeline. P is for a projector, F1 lists all keys.</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Was jede Antwort kostet, und was gespart wird: vom Transformer allein, und von allem. P ist für einen Projektor, F1 zeigt alle Tasten.</translation>
  </message>
  <message>
   <source>What happened</source>
   <extracomment>teach.py</extracomment>
   <translation>Was geschah</translation>
  </message>
  <message>
   <source>What is recorded, and where to</source>
   <extracomment>record_button.py</extracomment>
   <translation>Was aufgenommen wird, und wohin</translation>
  </message>
  <message>
   <source>What is seen or heard now</source>
   <extracomment>teach.py</extracomment>
   <translation>Was jetzt zu sehen oder zu hören ist</translation>
  </message>
  <message>
   <source>What is there is being looked for in the file</source>
   <extracomment>transport.py</extracomment>
   <translation>Was dort ist, wird in der Datei gesucht</translation>
  </message>
  <message>
   <source>What is to be heard anyhow: the room, talk. Two takes or three.</source>
   <extracomment>teach.py</extracomment>
   <translation>Was ohnehin zu hören ist: der Raum, Gespräch. Zwei oder drei Aufnahmen.</translation>
  </message>
  <message>
   <source>What is watched and heard</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Was gesehen und gehört wird</translation>
  </message>
  <message>
   <source>What is wrong with the stream</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Was dem Strom fehlt</translation>
  </message>
  <message>
   <source>What it is</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Was es ist</translation>
  </message>
  <message>
   <source>What one would use instead, of the same size and untrained: its time alone</source>
   <extracomment>race_view.py</extracomment>
   <translation>Was man stattdessen nähme, gleich groß und ungelernt: nur seine Zeit</translation>
  </message>
  <message>
   <source>What that saves</source>
   <extracomment>dialogs.py</extracomment>
   <translation>Was das spart</translation>
  </message>
  <message>
   <source>What the window speaks; what the models name stays English</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>Was das Fenster spricht; was die Modelle benennen, bleibt Englisch</translation>
  </message>
  <message>
   <source>What was named over the last {seconds} s; empty: not sure</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>Was in den letzten {seconds} s benannt wurde; leer: unsicher</translation>
  </message>
  <message>
   <source>Whole pipeline</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>Alles zusammen</translation>
  </message>
  <message>
   <source>You are seen</source>
   <extracomment>teach.py</extracomment>
   <translation>Sie sind zu sehen</translation>
  </message>
  <message>
   <source>You at rest, and what you do anyhow: sit, drink, scratch yourself. Two takes or three.</source>
   <extracomment>teach.py</extracomment>
   <translation>Sie in Ruhe, und was Sie ohnehin tun: sitzen, trinken, sich kratzen. Zwei oder drei Aufnahmen.</translation>
  </message>
  <message>
   <source>action</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Bewegung</translation>
  </message>
  <message>
   <source>add a camera</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Kamera hinzufügen</translation>
  </message>
  <message>
   <source>add a file</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Datei hinzufügen</translation>
  </message>
  <message>
   <source>all streams again</source>
   <extracomment>grid_window.py</extracomment>
   <translation>wieder alle Ströme</translation>
  </message>
  <message>
   <source>another picture or sound of a file that has several</source>
   <extracomment>menu.py</extracomment>
   <translation>ein anderes Bild oder ein anderer Ton einer Datei, die mehrere hat</translation>
  </message>
  <message>
   <source>as regular</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation>wie üblich</translation>
  </message>
  <message>
   <source>begin again at the end</source>
   <extracomment>menu.py</extracomment>
   <translation>am Ende von vorn</translation>
  </message>
  <message>
   <source>by part</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>nach Teilen</translation>
  </message>
  <message>
   <source>camera and microphone options</source>
   <extracomment>menu.py</extracomment>
   <translation>Optionen von Kamera und Mikrofon</translation>
  </message>
  <message>
   <source>camera, microphone</source>
   <extracomment>menu.py</extracomment>
   <translation>Kamera, Mikrofon</translation>
  </message>
  <message>
   <source>captured</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>aufgenommen</translation>
  </message>
  <message>
   <source>check both modes against each other</source>
   <extracomment>menu.py</extracomment>
   <translation>beide Arten gegeneinander prüfen</translation>
  </message>
  <message>
   <source>continual</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>fortlaufend</translation>
  </message>
  <message>
   <source>continual, checked</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>fortlaufend, geprüft</translation>
  </message>
  <message>
   <source>cost, timeline, check, race</source>
   <extracomment>menu.py</extracomment>
   <translation>Kosten, Zeitleiste, Probe, Rennen</translation>
  </message>
  <message>
   <source>demo clip</source>
   <extracomment>menu.py</extracomment>
   <translation>Demofilm</translation>
  </message>
  <message>
   <source>dismiss the newest banner</source>
   <extracomment>menu.py</extracomment>
   <translation>die neueste Meldung schließen</translation>
  </message>
  <message>
   <source>end that stream</source>
   <extracomment>grid_window.py</extracomment>
   <translation>diesen Strom beenden</translation>
  </message>
  <message>
   <source>ended</source>
   <extracomment>stream_tile.py</extracomment>
   <translation>zu Ende</translation>
  </message>
  <message>
   <source>extractors, apart</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Netze davor</translation>
  </message>
  <message>
   <source>fewer MACs</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>weniger MACs</translation>
  </message>
  <message>
   <source>fewer {unit}</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>weniger {unit}</translation>
  </message>
  <message>
   <source>files begin again at their end</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Dateien beginnen an ihrem Ende von vorn</translation>
  </message>
  <message>
   <source>files opened lately</source>
   <extracomment>menu.py</extracomment>
   <translation>zuletzt geöffnete Dateien</translation>
  </message>
  <message>
   <source>fold or open the pages</source>
   <extracomment>menu.py</extracomment>
   <translation>Seiten ein- oder ausklappen</translation>
  </message>
  <message>
   <source>followed</source>
   <extracomment>video_view.py</extracomment>
   <translation>verfolgt</translation>
  </message>
  <message>
   <source>full screen, and back</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation>ganzer Bildschirm, und zurück</translation>
  </message>
  <message>
   <source>genre</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>Genre</translation>
  </message>
  <message>
   <source>hold the files, or go on</source>
   <extracomment>grid_window.py</extracomment>
   <translation>Dateien anhalten oder weiter</translation>
  </message>
  <message>
   <source>latency</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation>Verzug</translation>
  </message>
  <message>
   <source>look for devices again</source>
   <extracomment>menu.py</extracomment>
   <translation>Geräte neu suchen</translation>
  </message>
  <message>
   <source>louder, softer</source>
   <extracomment>menu.py</extracomment>
   <translation>lauter, leiser</translation>
  </message>
  <message>
   <source>model card of the actions</source>
   <extracomment>menu.py</extracomment>
   <translation>Modellkarte der Bewegungen</translation>
  </message>
  <message>
   <source>model card of the genres</source>
   <extracomment>menu.py</extracomment>
   <translation>Modellkarte der Musikrichtungen</translation>
  </message>
  <message>
   <source>multiply-accumulates (MACs)</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>Multiplikationen mit Addition (MACs)</translation>
  </message>
  <message>
   <source>music</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Musik</translation>
  </message>
  <message>
   <source>new person</source>
   <extracomment>menu.py</extracomment>
   <translation>neue Person</translation>
  </message>
  <message>
   <source>new person in that stream</source>
   <extracomment>grid_window.py</extracomment>
   <translation>neue Person in diesem Strom</translation>
  </message>
  <message>
   <source>new song</source>
   <extracomment>menu.py</extracomment>
   <translation>neues Lied</translation>
  </message>
  <message>
   <source>no music</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>keine Musik</translation>
  </message>
  <message>
   <source>no person</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>niemand da</translation>
  </message>
  <message>
   <source>no picture</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>kein Bild</translation>
  </message>
  <message>
   <source>no picture any more</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>kein Bild mehr</translation>
  </message>
  <message>
   <source>no sound</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>kein Ton</translation>
  </message>
  <message>
   <source>no sound any more</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>kein Ton mehr</translation>
  </message>
  <message>
   <source>no sound yet</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>noch kein Ton</translation>
  </message>
  <message>
   <source>no take</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>keine Aufnahme</translation>
  </message>
  <message>
   <source>none</source>
   <extracomment>address_dialog.py</extracomment>
   <translation>keiner</translation>
  </message>
  <message>
   <source>not installed</source>
   <extracomment>about.py</extracomment>
   <translation>nicht installiert</translation>
  </message>
  <message>
   <source>not sure</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>unsicher</translation>
  </message>
  <message>
   <source>nothing computed yet</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>noch nichts berechnet</translation>
  </message>
  <message>
   <source>off: C runs both modes</source>
   <extracomment>check_view.py</extracomment>
   <translation>aus: C rechnet beides</translation>
  </message>
  <message>
   <source>one step</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>ein Schritt</translation>
  </message>
  <message>
   <source>open a file</source>
   <extracomment>menu.py</extracomment>
   <translation>eine Datei öffnen</translation>
  </message>
  <message>
   <source>picture of the window</source>
   <extracomment>menu.py</extracomment>
   <translation>Bild des Fensters</translation>
  </message>
  <message>
   <source>play from the beginning</source>
   <extracomment>menu.py</extracomment>
   <translation>von vorn abspielen</translation>
  </message>
  <message>
   <source>play or pause</source>
   <extracomment>menu.py</extracomment>
   <translation>abspielen oder anhalten</translation>
  </message>
  <message>
   <source>quit</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation>beenden</translation>
  </message>
  <message>
   <source>race both modes</source>
   <extracomment>menu.py</extracomment>
   <translation>beide Arten laufen lassen</translation>
  </message>
  <message>
   <source>record, and stop</source>
   <extracomment>menu.py</extracomment>
   <translation>aufnehmen, und beenden</translation>
  </message>
  <message>
   <source>regular, all</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>üblich, alle</translation>
  </message>
  <message>
   <source>regular, as run</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>üblich, wie gerechnet</translation>
  </message>
  <message>
   <source>regular, last</source>
   <extracomment>cost_bars.py</extracomment>
   <translation>üblich, letzte</translation>
  </message>
  <message>
   <source>saved in total</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation>gespart</translation>
  </message>
  <message>
   <source>saved: {saved} of {all} {unit}</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>gespart: {saved} von {all} {unit}</translation>
  </message>
  <message>
   <source>settings</source>
   <extracomment>menu.py</extracomment>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>shown</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>gezeigt</translation>
  </message>
  <message>
   <source>skipped</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>übersprungen</translation>
  </message>
  <message>
   <source>slower, faster</source>
   <extracomment>menu.py</extracomment>
   <translation>langsamer, schneller</translation>
  </message>
  <message>
   <source>step</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>Schritt</translation>
  </message>
  <message>
   <source>switch regular / continual</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation>üblich / fortlaufend umschalten</translation>
  </message>
  <message>
   <source>teach a gesture or a sound</source>
   <extracomment>menu.py</extracomment>
   <translation>eine Geste oder einen Klang beibringen</translation>
  </message>
  <message>
   <source>the file's sound</source>
   <extracomment>menu.py</extracomment>
   <translation>der Ton der Datei</translation>
  </message>
  <message>
   <source>the menu</source>
   <extracomment>menu.py</extracomment>
   <translation>das Menü</translation>
  </message>
  <message>
   <source>the picture before, the next</source>
   <extracomment>menu.py</extracomment>
   <translation>das Bild davor, das nächste</translation>
  </message>
  <message>
   <source>the stage, for a projector, and back</source>
   <extracomment>menu.py</extracomment>
   <translation>die Bühne, für einen Projektor, und zurück</translation>
  </message>
  <message>
   <source>this list</source>
   <extracomment>grid_window.py, menu.py</extracomment>
   <translation>diese Liste</translation>
  </message>
  <message>
   <source>too far away</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>zu weit weg</translation>
  </message>
  <message>
   <source>waiting</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>wartet</translation>
  </message>
  <message>
   <source>waiting for a picture</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>wartet auf ein Bild</translation>
  </message>
  <message>
   <source>waiting for a token</source>
   <extracomment>check_view.py</extracomment>
   <translation>wartet auf ein Token</translation>
  </message>
  <message>
   <source>waiting for sound</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>wartet auf Ton</translation>
  </message>
  <message>
   <source>weights of the actions, of the genres</source>
   <extracomment>menu.py</extracomment>
   <translation>Gewichte der Bewegungen, der Musikrichtungen</translation>
  </message>
  <message>
   <source>what is recorded, and where to</source>
   <extracomment>menu.py</extracomment>
   <translation>was aufgenommen wird, und wohin</translation>
  </message>
  <message>
   <source>what races: model, engine, rival</source>
   <extracomment>menu.py</extracomment>
   <translation>was läuft: Modell, Rechenweg, Rivale</translation>
  </message>
  <message>
   <source>whole pipeline</source>
   <extracomment>cost_panel.py, fleet_cost.py</extracomment>
   <translation>von allem</translation>
  </message>
  <message>
   <source>window {seconds} s</source>
   <extracomment>legend.py</extracomment>
   <translation>Fenster {seconds} s</translation>
  </message>
  <message>
   <source>within float32's {bound}</source>
   <extracomment>check_view.py</extracomment>
   <translation>unter den {bound} von float32</translation>
  </message>
  <message>
   <source>{count} takes</source>
   <extracomment>teach_classes.py</extracomment>
   <translation>{count} Aufnahmen</translation>
  </message>
  <message>
   <source>{count} tokens compared</source>
   <extracomment>check_view.py</extracomment>
   <translation>{count} Tokens verglichen</translation>
  </message>
  <message>
   <source>{genre} (stream {number})</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>{genre} (Strom {number})</translation>
  </message>
  <message>
   <source>{names}: named from now on. The model lies in {path}.</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>{names}: wird ab jetzt genannt. Das Modell liegt in {path}.</translation>
  </message>
  <message>
   <source>{number} at worst</source>
   <extracomment>check_view.py</extracomment>
   <translation>höchstens {number}</translation>
  </message>
  <message>
   <source>{number} of {all}</source>
   <extracomment>tour.py</extracomment>
   <translation>{number} von {all}</translation>
  </message>
  <message>
   <source>{path} cannot be written: {error}</source>
   <extracomment>teach_footer.py</extracomment>
   <translation>{path} kann nicht geschrieben werden: {error}</translation>
  </message>
  <message>
   <source>{saved}, {count} predictions</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{saved}, {count} Antworten</translation>
  </message>
  <message>
   <source>{saved}, {number} predictions, streams now: {streams}</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>{saved}, {number} Vorhersagen, Ströme jetzt: {streams}</translation>
  </message>
  <message>
   <source>{spent} in place of {regular} ({ratio}), pose networks included</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>{spent} statt {regular} ({ratio}), samt Posennetzen</translation>
  </message>
  <message>
   <source>{task} named now</source>
   <extracomment>prediction_panel.py</extracomment>
   <translation>{task}, jetzt benannt</translation>
  </message>
  <message>
   <source>{task} — max |Δ| of the logits</source>
   <extracomment>check_view.py</extracomment>
   <translation>{task} — max |Δ| der Logits</translation>
  </message>
  <message>
   <source>{task}: a name comes from {percent} % on, on the mean of the last {seconds} s; soon after it is less, it is “not sure”. Both belong to the model: see its card.</source>
   <extracomment>settings_dialog.py</extracomment>
   <translation>{task}: benannt ab {percent} %, im Mittel der letzten {seconds} s; bald nachdem es weniger ist „unsicher“. Beides gehört zum Modell: siehe seine Karte.</translation>
  </message>
  <message>
   <source>{task}: extractors</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{task}: Netze davor</translation>
  </message>
  <message>
   <source>{task}: regular over computed, this prediction</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{task}: üblich durch berechnet, diese Antwort</translation>
  </message>
  <message>
   <source>{task}: saved in total, the Transformer alone</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{task}: gespart, der Transformer allein</translation>
  </message>
  <message>
   <source>{task}: the same of the whole pipeline</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{task}: dasselbe von allem</translation>
  </message>
  <message>
   <source>{task}: the whole pipeline, extractors included</source>
   <extracomment>cost_panel.py</extracomment>
   <translation>{task}: alles, mit den Netzen davor</translation>
  </message>
  <message>
   <source>{task}: what is named now, and the likeliest classes</source>
   <extracomment>stage_parts.py</extracomment>
   <translation>{task}: was jetzt benannt wird, und die wahrscheinlichsten Klassen</translation>
  </message>
  <message>
   <source>{time} for {streams} streams at once, {each} each</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>{time} für {streams} Ströme zugleich, {each} je Strom</translation>
  </message>
  <message>
   <source>{time}: each stream's window by itself</source>
   <extracomment>fleet_cost.py</extracomment>
   <translation>{time}: das Fenster jedes Stroms für sich</translation>
  </message>
 </context>
</TS>
