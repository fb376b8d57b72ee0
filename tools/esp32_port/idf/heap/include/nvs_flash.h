#pragma once
#include "nvs.h"
