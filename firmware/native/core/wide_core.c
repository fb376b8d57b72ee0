/* The whole core with G.722 beside the laws, as one unit: what its binding includes. */

#define WIDE 1
#include "voice_core.c"
