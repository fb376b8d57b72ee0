/* SRTP as one unit, as voice_core.c is: what its binding includes. It is loaded only for calls that are encrypted. */

#ifndef CORE
#define CORE static
#endif

#include "aes.c"
#include "ghash.c"
#include "sha1.c"
#include "srtp.c"
#include "srtp_streams.c"
