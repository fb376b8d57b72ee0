/* The echo canceller as one unit, as voice_core.c is: what its binding includes. */

#ifndef CORE
#define CORE static
#endif

#include "fft.c"
#include "leveller.c"
#include "residual.c"
#include "echo.c"
