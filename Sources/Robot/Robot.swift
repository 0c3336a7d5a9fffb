// Robot: see the files beside this one.
