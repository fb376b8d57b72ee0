// IDF's event loop: one thread that calls the handlers, in order.
#include "network.h"

#include <stdlib.h>
#include <string.h>

#define MOST_HANDLERS 16

struct event {
    int64_t due;
    void (*code)(int);
    int argument;
    esp_event_base_t base;
    int32_t id;
    struct event *next;
    unsigned char data[64];
};

static struct {
    esp_event_base_t base;
    int32_t id;
    esp_event_handler_t handler;
    void *argument;
} handlers[MOST_HANDLERS];
static int handler_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct event *events; // by time
static pthread_t thread;
static bool started;

static void stop(void) {
    if (started) {
        pthread_mutex_lock(&lock);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        pthread_join(thread, NULL);
    }
}

__attribute__((constructor(103))) static void start_events(void) {
    model_cond_init(&changed);
    model_at_end(stop);
}

static void deliver(struct event *event) {
    if (event->code) {
        event->code(event->argument);
        return;
    }
    for (int i = 0; i < handler_count; i++) {
        if (handlers[i].base == event->base && (handlers[i].id == ESP_EVENT_ANY_ID || handlers[i].id == event->id)) {
            handlers[i].handler(handlers[i].argument, event->base, event->id, event->data);
        }
    }
}

static void *run(void *argument) {
    (void)argument;
    pthread_mutex_lock(&lock);
    while (!model_ending()) {
        if (events == NULL || events->due > model_now()) {
            model_wait(&changed, &lock, events ? events->due : -1);
            continue;
        }
        struct event *event = events;
        events = event->next;
        pthread_mutex_unlock(&lock);
        deliver(event);
        free(event);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void enqueue(struct event *event) {
    pthread_mutex_lock(&lock);
    struct event **place = &events;
    while (*place && (*place)->due <= event->due) {
        place = &(*place)->next;
    }
    event->next = *place;
    *place = event;
    if (!started) {
        started = true;
        thread = model_start_thread(run, NULL);
    }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void model_later(int64_t us, void (*code)(int), int argument) {
    struct event *event = calloc(1, sizeof(*event));
    event->due = model_now() + us;
    event->code = code;
    event->argument = argument;
    enqueue(event);
}

void model_post(esp_event_base_t base, int32_t id, const void *data, size_t size) {
    struct event *event = calloc(1, sizeof(*event));
    event->due = model_now();
    event->base = base;
    event->id = id;
    if (size > sizeof(event->data)) {
        model_panic("an event is too large for the model");
    }
    if (data) {
        memcpy(event->data, data, size);
    }
    enqueue(event);
}

esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, esp_event_handler_t handler, void *argument) {
    pthread_mutex_lock(&lock);
    bool room = handler_count < MOST_HANDLERS;
    if (room) {
        handlers[handler_count].base = base;
        handlers[handler_count].id = id;
        handlers[handler_count].handler = handler;
        handlers[handler_count++].argument = argument;
    }
    pthread_mutex_unlock(&lock);
    return room ? ESP_OK : ESP_ERR_NO_MEM;
}

esp_err_t esp_event_handler_instance_register(esp_event_base_t base, int32_t id, esp_event_handler_t handler,
    void *argument, esp_event_handler_instance_t *instance) {
    (void)instance;
    return esp_event_handler_register(base, id, handler, argument);
}
