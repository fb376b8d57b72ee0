/* The voice core as a module of MicroPython: part of an image (a user C module) or a native .mpy (a natmod).
 *
 * The functions of ../host/voice_core.py, with the same arguments, and one for sockets. None of them allocates, but for `new`. A
 * buffer that the core refuses (length, alignment) is a ValueError.
 */

#if defined(MICROPY_ENABLE_DYNRUNTIME)
#include "py/dynruntime.h"
#else
#include "py/objarray.h"
#include "py/runtime.h"
#endif
#include "py/stream.h"

#include "../core/voice_core.c"
#include "voice_binding.h"
