# MicroPython's ESP32 port on this machine: its own C for sound, network and flash over the model of ESP-IDF in
# model/ (docs/ported.md). Set by tools/build_micropython.py: MICROPY_FORCE_32BIT, and MBEDTLS, a folder with
# include/ and lib/*.a, where the source tree has no mbedtls of its own.

MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_SOCKET = 0
MICROPY_PY_THREAD_GIL = 1

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

# How the port's files find what they include, and what the port's own mpconfigport.h and mphalport.h set.
CFLAGS_EXTRA += -DMP_CONFIGFILE='"port_config.h"' -DMICROPY_MPHALPORT_H='"port_hal.h"'
# MicroPython 1.28 and later are made with IDF 5.5, earlier ones with 5.4.
CFLAGS_EXTRA += -DMODEL_IDF_MINOR=$(shell awk '/define MICROPY_VERSION_MINOR/ {print ($$3 >= 28) ? 5 : 4}' $(TOP)/py/mpconfig.h)
CFLAGS_EXTRA += -I$(VARIANT_DIR)/idf/heap/include -I$(VARIANT_DIR)/model

SRC_C += $(wildcard $(VARIANT_DIR)/model/*.c)

# The port's own files, as they are.
PORTED = machine_rtc modesp32 esp32_nvs esp32_partition modsocket network_common network_lan network_wlan
SRC_C += $(addprefix ports/esp32/,$(addsuffix .c,$(PORTED)))
SHARED_SRC_C_EXTRA += netutils/netutils.c

# They are written for another compiler's warnings; extmod's I2S and WDT include files of the port.
PORTED_WARNINGS = -Wno-unused-parameter -Wno-sign-compare -Wno-unused-function -Wno-missing-field-initializers \
	-Wno-clobbered -Wno-double-promotion -Wno-float-conversion -Wno-unused-but-set-variable \
	-Wno-parentheses -Wno-cast-function-type -Wno-shift-negative-value -Wno-implicit-fallthrough \
	-Wno-stringop-overflow -Wno-stringop-truncation -Wno-unused-variable -Wno-pointer-arith
$(BUILD)/ports/esp32/%.o: CFLAGS += $(PORTED_WARNINGS)
$(BUILD)/py/gc.o $(BUILD)/extmod/modnetwork.o $(BUILD)/extmod/machine_i2s.o $(BUILD)/extmod/machine_wdt.o $(BUILD)/extmod/modtime.o: CFLAGS += $(PORTED_WARNINGS)

# The first area of the heap comes from IDF's heap, as those after it do.
$(BUILD)/main.o: CFLAGS += -Dmalloc=model_first_heap

# Threads end before the interpreter does, and the main task has a stack of the chip's size.
LDFLAGS_EXTRA += -Wl,--wrap=mp_thread_deinit -Wl,--wrap=mp_cstack_init_with_sp_here

# As firmware/native/mpy/micropython.cmake has it, for a custom image.
ifneq ($(USER_C_MODULES),)
LDFLAGS_EXTRA += -Wl,--wrap=gc_get_max_new_split
endif

ifneq ($(MBEDTLS),)
# The makefiles know only their own copy of the library; the C code takes any. This one takes memory and time
# from the model (tools/build_micropython.py has renamed calloc, free and time in it).
MICROPY_SSL_MBEDTLS = 0
CFLAGS_EXTRA += -DMICROPY_SSL_MBEDTLS=1 -I$(MBEDTLS)/include
SRC_C += $(VARIANT_DIR)/../micropython_variant/quiet_tls.c
LDFLAGS_EXTRA += -Wl,--wrap=mbedtls_debug_set_threshold
LDFLAGS_EXTRA += $(addprefix $(MBEDTLS)/model/,libmbedtls.a libmbedx509.a libmbedcrypto.a)
else
$(BUILD)/lib/mbedtls/%.o: CFLAGS += -Dcalloc=model_calloc -Dfree=model_free -Dtime=model_time
endif
