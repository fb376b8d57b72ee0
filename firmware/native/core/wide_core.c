/* Wideband speech as one unit, as voice_core.c is: what its binding includes. */

#ifndef CORE
#define CORE static
#endif

#include "g722.c"
