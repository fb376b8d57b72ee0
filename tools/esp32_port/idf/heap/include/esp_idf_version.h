// The release that the port's README names beside the MicroPython at hand (mpconfigvariant.mk).
#pragma once
#define ESP_IDF_VERSION_VAL(major, minor, patch) (((major) << 16) | ((minor) << 8) | (patch))
#ifndef MODEL_IDF_MINOR
#define MODEL_IDF_MINOR 4
#endif
#define ESP_IDF_VERSION ESP_IDF_VERSION_VAL(5, MODEL_IDF_MINOR, 2)
