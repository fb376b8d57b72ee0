/* The voice core with G.722 as a module of MicroPython: the functions of voice_core.c under another name. */

#if defined(MICROPY_ENABLE_DYNRUNTIME)
#include "py/dynruntime.h"
#else
#include "py/objarray.h"
#include "py/runtime.h"
#endif
#include "py/stream.h"

#include "../core/wide_core.c"
#include "voice_binding.h"
