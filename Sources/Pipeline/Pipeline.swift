// Pipeline: see the files beside this one.
