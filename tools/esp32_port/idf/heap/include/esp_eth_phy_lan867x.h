#pragma once
#include "esp_eth.h"
