#include "gt_solver.h"
#include "status.hpp"
