// The port's modesp32.h names a channel of it; nothing here has one.
#pragma once
#include "esp_err.h"
typedef struct model_rmt *rmt_channel_handle_t;
typedef struct model_rmt *rmt_encoder_handle_t;
