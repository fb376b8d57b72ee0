// What MicroPython's ESP32 images have, on this machine: their feature level and single-precision floats.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)

// The port's own settings, found through its include path.
#include "variants/mpconfigvariant_common.h"
