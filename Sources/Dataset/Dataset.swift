// Dataset: see the files beside this one.
