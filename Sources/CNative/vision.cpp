#include "gt_vision.h"
#include "status.hpp"
