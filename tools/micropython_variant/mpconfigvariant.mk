# Set by tools/micropython.py: MICROPY_FORCE_32BIT, and MBEDTLS, a folder with include/ and lib/*.a, where
# the source tree has no mbedtls of its own.

MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_THREAD_GIL = 1

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

ifneq ($(MBEDTLS),)
# The makefiles know only their own copy of the library; the C code takes any.
MICROPY_SSL_MBEDTLS = 0
CFLAGS_EXTRA += -DMICROPY_SSL_MBEDTLS=1 -I$(MBEDTLS)/include
LDFLAGS_EXTRA += -Wl,--wrap=mbedtls_debug_set_threshold
LDFLAGS_EXTRA += $(addprefix $(MBEDTLS)/lib/,libmbedtls.a libmbedx509.a libmbedcrypto.a)
endif
