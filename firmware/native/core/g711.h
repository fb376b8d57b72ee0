/* ITU-T G.711: 16-bit linear <-> 8-bit logarithmic, mu-law and A-law. */

#ifndef BAKELITE_G711_H
#define BAKELITE_G711_H

#include "core.h"

/* RFC 3551 table 4: the static payload types name the laws, and the codec that is none. */
enum law { LAW_MU = 0, LAW_A = 8, CODEC_G722 = 9 };

/* Made once per stream, so that a sample costs a look-up each way. */
struct g711 {
    uint32_t law;           /* that is sent, */
    uint32_t received;      /* and that of `expansion` */
    int16_t expansion[256]; /* linear value of each octet */
    uint8_t segments[256];  /* segment of each magnitude, by its upper 8 of 13 bits */
};

CORE void g711_start(struct g711 *g711, uint32_t law);

/* Expect the other law from now on, and code what waits in `octets` by it. */
CORE void g711_switch(struct g711 *g711, uint32_t law, uint8_t *octets, uint32_t count);

CORE void g711_compress(const struct g711 *g711, uint8_t *octets, const int16_t *samples, uint32_t count);

#endif
