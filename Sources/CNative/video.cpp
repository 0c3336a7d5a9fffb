#include "gt_video.h"
#include "status.hpp"
