// A module of its own, so that another commit compiles this file alone: Package.swift states GRIPTRACE_COMMIT, the Makefile asks git for it.
#include "CBuild.h"

const char *gt_build_commit(void) { return GRIPTRACE_COMMIT; }
