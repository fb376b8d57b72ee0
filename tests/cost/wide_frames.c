/* The cases of voice_frames.c for the core with G.722. */

#define WIDE 1
#include "voice_frames.c"
