#pragma once

/// The commit that the program was built from, as `git describe` writes it, or "unknown"; lives for ever.
const char *gt_build_commit(void);
