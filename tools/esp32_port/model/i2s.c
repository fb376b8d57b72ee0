// IDF's I2S driver in standard mode, and the wire behind it.
//
// DMA goes round a ring of buffers at the sample rate. A buffer that it is done with goes into a queue one
// shorter than the ring; when that is full the oldest in it is lost: sound for the microphone, nothing for the
// output, whose buffers are cleared when they were sent. Whoever reads or writes holds a buffer taken from the
// queue, even when DMA has come round to it again. To disable a channel waits for who reads or writes.
#include "driver/i2s_std.h"
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"

#define WIRE_SAMPLES 65536 // between the wire and whoever hears or speaks there
#define HOST_US 500000     // longer than a host leaves a thread without a processor
#define LATE_US 20000      // a host that is later than this stretches the chip's time instead

struct wire {
    int16_t samples[WIRE_SAMPLES];
    size_t first, count;
};

struct model_channel {
    bool tx, initialised, running, disabling, auto_clear;
    int id;
    uint32_t buffers, frames, rate, bits, slots;
    size_t size; // bytes in a buffer
    gpio_num_t bclk, ws, data;
    unsigned char **ring;
    unsigned char **done; // the queue of buffers that DMA is done with
    unsigned first, count, dma;
    unsigned char *current; // what is being read or written, and how far
    size_t position;
    unsigned semaphore; // given while the channel is enabled and nobody reads or writes
    i2s_event_callbacks_t callbacks;
    void *context;
    pthread_t thread;
    struct wire wire;
};

static struct model_channel *channels[MODEL_I2S_CHANNELS]; // id * 2 + direction

static void stop_all(void);

__attribute__((constructor(103))) static void start_i2s(void) {
    model_at_end(stop_all);
}

static int controllers(void) {
    return strcmp(model_board.chip, "esp32c3") == 0 ? 1 : 2;
}

// The wire

static void put(struct wire *wire, int16_t sample) {
    if (wire->count == WIRE_SAMPLES) {
        wire->first = (wire->first + 1) % WIRE_SAMPLES;
        wire->count--;
    }
    wire->samples[(wire->first + wire->count++) % WIRE_SAMPLES] = sample;
}

static int16_t get(struct wire *wire) {
    if (wire->count == 0) {
        return 0;
    }
    int16_t sample = wire->samples[wire->first];
    wire->first = (wire->first + 1) % WIRE_SAMPLES;
    wire->count--;
    return sample;
}

// A microphone speaks in the left slot, its bits left-justified; the right slot stays empty.
static void hear(struct model_channel *channel, unsigned char *buffer) {
    memset(buffer, 0, channel->size);
    size_t bytes = channel->bits / 8;
    for (size_t frame = 0; frame < channel->frames; frame++) {
        int16_t sample = get(&channel->wire);
        memcpy(buffer + frame * channel->slots * bytes + bytes - 2, &sample, 2);
    }
}

// The first ESP32 sends each pair of 16-bit mono samples the wrong way round (IDF's I2S page, "STD TX Mode").
static void speak(struct model_channel *channel, const unsigned char *buffer) {
    size_t bytes = channel->bits / 8;
    size_t swapped = model_is_classic() && channel->bits == 16 && channel->slots == 1 ? 1 : 0;
    for (size_t frame = 0; frame < channel->frames; frame++) {
        int16_t sample;
        memcpy(&sample, buffer + (frame ^ swapped) * channel->slots * bytes + bytes - 2, 2);
        put(&channel->wire, sample);
    }
}

bool model_i2s_wire(int index, struct model_wire *wire) {
    model_lock();
    struct model_channel *channel = channels[index];
    bool there = channel != NULL && channel->initialised;
    if (there) {
        *wire = (struct model_wire) {
            .id = channel->id, .tx = channel->tx, .bclk = channel->bclk, .ws = channel->ws, .data = channel->data,
            .running = channel->running, .rate = channel->rate, .bits = channel->bits, .slots = channel->slots,
        };
    }
    model_unlock();
    return there;
}

size_t model_i2s_hear(int index, const int16_t *samples, size_t count) {
    model_lock();
    struct model_channel *channel = channels[index];
    size_t taken = 0;
    while (channel && !channel->tx && taken < count && channel->wire.count < WIRE_SAMPLES) {
        put(&channel->wire, samples[taken++]);
    }
    model_unlock();
    return taken;
}

size_t model_i2s_said(int index, int16_t *samples, size_t count) {
    model_lock();
    struct model_channel *channel = channels[index];
    size_t given = 0;
    while (channel && channel->tx && given < count && channel->wire.count) {
        samples[given++] = get(&channel->wire);
    }
    model_unlock();
    return given;
}

size_t model_i2s_waiting(int index) {
    model_lock();
    size_t count = channels[index] ? channels[index]->wire.count : 0;
    model_unlock();
    return count;
}

// DMA and its interrupt

static void buffer_done(struct model_channel *channel) {
    unsigned char *buffer = channel->ring[channel->dma];
    channel->dma = (channel->dma + 1) % channel->buffers;
    if (channel->tx) {
        speak(channel, buffer);
    } else {
        hear(channel, buffer);
    }
    i2s_event_data_t event = {.data = &buffer, .dma_buf = buffer, .size = channel->size};
    i2s_isr_callback_t told = channel->tx ? channel->callbacks.on_sent : channel->callbacks.on_recv;
    if (told) {
        told(channel, &event, channel->context);
    }
    unsigned length = channel->buffers - 1;
    if (channel->count == length) {
        channel->first = (channel->first + 1) % length;
        channel->count--;
        if (channel->tx) {
            model_counters.tx_overflows++;
        } else {
            model_counters.rx_overflows++;
        }
        i2s_isr_callback_t lost = channel->tx ? channel->callbacks.on_send_q_ovf : channel->callbacks.on_recv_q_ovf;
        if (lost) {
            lost(channel, &event, channel->context);
        }
    }
    if (channel->tx && channel->auto_clear) {
        memset(buffer, 0, channel->size);
    }
    channel->done[(channel->first + channel->count++) % length] = buffer;
    model_changed();
}

static void *dma(void *argument) {
    struct model_channel *channel = argument;
    int64_t start = model_now(), passed = 0;
    model_lock();
    while (channel->running) {
        int64_t due = start + (passed + channel->frames) * 1000000 / channel->rate;
        int64_t now = model_now();
        if (now < due) {
            model_idle(due);
            continue;
        }
        if (now - due > LATE_US) {
            start += now - due;
            model_counters.host_late++;
        }
        passed += channel->frames;
        buffer_done(channel);
    }
    model_unlock();
    return NULL;
}

// The driver

esp_err_t i2s_new_channel(const i2s_chan_config_t *config, i2s_chan_handle_t *tx, i2s_chan_handle_t *rx) {
    if (config->id < 0 || config->id >= controllers() || (tx == NULL) == (rx == NULL)) {
        return ESP_ERR_INVALID_ARG;
    }
    int place = config->id * 2 + (tx != NULL);
    if (channels[place] || (channels[place ^ 1])) {
        return ESP_ERR_NOT_FOUND; // a controller that somebody has already
    }
    struct model_channel *channel = calloc(1, sizeof(*channel));
    channel->tx = tx != NULL;
    channel->id = config->id;
    channel->buffers = config->dma_desc_num;
    channel->frames = config->dma_frame_num;
    channel->auto_clear = config->auto_clear;
    model_lock();
    channels[place] = channel;
    model_unlock();
    *(tx ? tx : rx) = channel;
    return ESP_OK;
}

static void free_ring(struct model_channel *channel) {
    for (uint32_t i = 0; channel->ring && i < channel->buffers; i++) {
        heap_caps_free(channel->ring[i]);
    }
    heap_caps_free(channel->ring);
    heap_caps_free(channel->done);
    channel->ring = NULL;
    channel->done = NULL;
}

esp_err_t i2s_channel_init_std_mode(i2s_chan_handle_t channel, const i2s_std_config_t *config) {
    if (channel->initialised) {
        return ESP_ERR_INVALID_STATE;
    }
    if (config->clk_cfg.sample_rate_hz == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    channel->rate = config->clk_cfg.sample_rate_hz;
    channel->bits = config->slot_cfg.data_bit_width;
    channel->slots = config->slot_cfg.slot_mode == I2S_SLOT_MODE_STEREO ? 2 : 1;
    channel->size = channel->frames * channel->slots * channel->bits / 8;
    channel->bclk = config->gpio_cfg.bclk;
    channel->ws = config->gpio_cfg.ws;
    channel->data = channel->tx ? config->gpio_cfg.dout : config->gpio_cfg.din;
    channel->ring = heap_caps_calloc(channel->buffers, sizeof(*channel->ring), MALLOC_CAP_INTERNAL);
    channel->done = heap_caps_calloc(channel->buffers, sizeof(*channel->done), MALLOC_CAP_INTERNAL);
    bool enough = channel->ring && channel->done;
    for (uint32_t i = 0; enough && i < channel->buffers; i++) {
        channel->ring[i] = heap_caps_calloc(1, channel->size, MALLOC_CAP_DMA);
        enough = channel->ring[i] != NULL;
    }
    if (!enough) {
        free_ring(channel);
        return ESP_ERR_NO_MEM;
    }
    channel->initialised = true;
    return ESP_OK;
}

esp_err_t i2s_channel_register_event_callback(i2s_chan_handle_t channel, const i2s_event_callbacks_t *callbacks,
    void *context) {
    model_lock();
    channel->callbacks = *callbacks;
    channel->context = context;
    model_unlock();
    return ESP_OK;
}

esp_err_t i2s_channel_enable(i2s_chan_handle_t channel) {
    if (!channel->initialised || channel->running) {
        return ESP_ERR_INVALID_STATE;
    }
    model_lock();
    channel->first = channel->count = channel->dma = 0;
    channel->current = NULL;
    channel->position = 0;
    channel->running = true;
    channel->semaphore = 1;
    channel->thread = model_start_thread(dma, channel);
    model_unlock();
    return ESP_OK;
}

esp_err_t i2s_channel_disable(i2s_chan_handle_t channel) {
    if (!channel->running) {
        return ESP_ERR_INVALID_STATE;
    }
    // Whoever reads or writes sees that the channel is no longer running when its buffer comes; DMA goes on
    // until then.
    model_lock();
    model_wait_for_core();
    channel->disabling = true;
    model_take(&channel->semaphore, portMAX_DELAY);
    channel->running = channel->disabling = false;
    channel->current = NULL;
    channel->position = 0;
    // The port now deletes the channel and then the task that used it. In between a chip has a tick once in
    // thousands of times; a host's thread may be without a processor for longer than a tick.
    model_keep_core(HOST_US);
    model_changed();
    model_unlock();
    pthread_join(channel->thread, NULL);
    return ESP_OK;
}

esp_err_t i2s_del_channel(i2s_chan_handle_t channel) {
    if (channel->running) {
        return ESP_ERR_INVALID_STATE;
    }
    model_lock();
    channels[channel->id * 2 + channel->tx] = NULL;
    model_unlock();
    free_ring(channel);
    free(channel);
    return ESP_OK;
}

static esp_err_t move(struct model_channel *channel, unsigned char *out, const unsigned char *in, size_t size,
    size_t *moved, uint32_t timeout_ms) {
    *moved = 0;
    if (channel == NULL || channel->tx != (in != NULL)) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t result = ESP_OK;
    TickType_t ticks = pdMS_TO_TICKS(timeout_ms);
    model_lock();
    if (!model_take(&channel->semaphore, ticks)) {
        model_unlock();
        return ESP_ERR_INVALID_STATE;
    }
    while (*moved < size && channel->running && !channel->disabling) {
        if (channel->current == NULL || channel->position == channel->size) {
            int64_t until = model_now() + (int64_t)ticks * 10000;
            while (channel->count == 0 && ticks && model_block(until)) {
            }
            model_ready();
            if (channel->count == 0) {
                result = ESP_ERR_TIMEOUT;
                break;
            }
            channel->current = channel->done[channel->first];
            channel->first = (channel->first + 1) % (channel->buffers - 1);
            channel->count--;
            channel->position = 0;
        }
        size_t step = channel->size - channel->position;
        if (step > size - *moved) {
            step = size - *moved;
        }
        if (in) {
            memcpy(channel->current + channel->position, in + *moved, step);
        } else {
            memcpy(out + *moved, channel->current + channel->position, step);
        }
        channel->position += step;
        *moved += step;
    }
    model_give(&channel->semaphore);
    model_unlock();
    return result;
}

esp_err_t i2s_channel_read(i2s_chan_handle_t channel, void *data, size_t size, size_t *moved, uint32_t timeout_ms) {
    return move(channel, data, NULL, size, moved, timeout_ms);
}

esp_err_t i2s_channel_write(i2s_chan_handle_t channel, const void *data, size_t size, size_t *moved,
    uint32_t timeout_ms) {
    return move(channel, NULL, data, size, moved, timeout_ms);
}

static void stop_all(void) {
    for (int i = 0; i < MODEL_I2S_CHANNELS; i++) {
        struct model_channel *channel = channels[i];
        if (channel && channel->running) {
            model_lock();
            channel->running = false;
            model_changed();
            model_unlock();
            pthread_join(channel->thread, NULL);
        }
    }
}
