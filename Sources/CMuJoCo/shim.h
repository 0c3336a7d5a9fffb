#include <mujoco/mujoco.h>

/// Drops a message of MuJoCo's: a library must not write `MUJOCO_LOG.TXT` where it happens to run. Errors still reach the caller by return value.
static inline void gtmj_drop(const mjLogMessage *message) { (void)message; }

/// Silences MuJoCo's log for the process.
static inline void gtmj_silence(void) { mju_setLogHandler(gtmj_drop); }
