# For a port that is built with make: USER_C_MODULES=<here>/firmware/native

SRC_USERMOD_C += $(USERMOD_DIR)/voice_core.c $(USERMOD_DIR)/srtp_core.c $(USERMOD_DIR)/wide_core.c \
	$(USERMOD_DIR)/echo_core.c $(USERMOD_DIR)/heap_growth.c
