/* The whole core as one unit: what a binding includes. Static, unless the build says -DCORE= to export it. */

#ifndef CORE
#define CORE static
#endif

#include "delay.c"
#include "dtmf.c"
#include "g711.c"
#if WIDE
#include "g722.c"
#endif
#include "jitter.c"
#include "level.c"
#include "pitch.c"
#include "plc.c"
#include "resample.c"
#include "rtp.c"
#include "stream.c"
#include "stretch.c"
#include "tone.c"
#include "vad.c"
#include "voice.c"
