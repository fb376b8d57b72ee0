/* Speech played longer or shorter by single periods of its pitch, where it is least heard: in pauses first, then in
 * steady voiced sound, anywhere only when there is much to make up for.
 */

#ifndef BAKELITE_STRETCH_H
#define BAKELITE_STRETCH_H

#include "core.h"
#include "plc.h"

#define STRETCH_AHEAD (2 * PITCH_MAX + PITCH_WINDOW) /* samples that leaving out a period wants to see */

struct stretch {
    uint32_t loud;  /* level of the voice, which falls slowly */
    uint32_t since; /* frames since the last change */
    uint32_t waited;  /* frames for which there was a surplus */
    uint32_t changes;
};

/* Note what is about to be played. */
CORE void stretch_hear(struct stretch *stretch, const struct plc *plc);

/* Whether there is work: a surplus of so many samples, or a want where it is negative. */
CORE int stretch_wants(struct stretch *stretch, int32_t surplus);

/* The period to leave out or to put in where this is a good place, else 0; more than a frame is pending, STRETCH_AHEAD
 * for a surplus. */
CORE uint32_t stretch_choose(struct stretch *stretch, const struct plc *plc, int32_t surplus);

/* Do so: leave it out of a surplus, put it in for a want. */
CORE void stretch_by(struct plc *plc, int32_t surplus, uint32_t lag);

#endif
