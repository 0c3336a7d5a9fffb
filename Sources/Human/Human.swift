// Human: see the files beside this one.
