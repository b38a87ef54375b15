"""From a picture or a stretch of sound to one token: pose, MusiCNN, YAMNet."""
