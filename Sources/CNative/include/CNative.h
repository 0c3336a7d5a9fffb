// Plain C over the C++ libraries: no C++ in these headers, no exception crosses them.
#ifndef GRIPTRACE_CNATIVE_H
#define GRIPTRACE_CNATIVE_H

#include "gt_status.h"
#include "gt_files.h"
#include "gt_hdf5.h"
#include "gt_join.h"
#include "gt_boards.h"
#include "gt_cameras.h"
#include "gt_jxl.h"
#include "gt_onnx.h"
#include "gt_solver.h"
#include "gt_table.h"
#include "gt_video.h"
#include "gt_vision.h"

#endif
