// Private to IDF; modesp32.c includes it for idf_heap_info.
#pragma once
#include "multi_heap.h"
