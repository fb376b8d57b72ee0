/* ITU-T G.711: 16-bit linear <-> 8-bit logarithmic, mu-law and A-law. */

#ifndef BAKELITE_G711_H
#define BAKELITE_G711_H

#include "core.h"

/* RFC 3551 table 4: the static payload types name the laws. */
enum law { LAW_MU = 0, LAW_A = 8 };

/* Fill the 256 linear values of `law`: decoding is then one look-up. */
CORE void g711_expansion(int16_t *table, uint32_t law);

CORE void g711_compress(uint8_t *octets, const int16_t *samples, uint32_t count, uint32_t law);

#endif
