#include "gt_table.h"
#include "status.hpp"
