// FreeRTOS as far as the port's files use it: a task is a thread. Those of the main task's priority, which are
// all that the port makes, share its core: they run while it waits, or get their share of it at a tick of 10 ms.
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "model.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "esp_heap_caps.h"

struct model_task {
    pthread_t thread;
    void (*code)(void *);
    void *argument;
    void *stack; // taken from the chip's memory; the host's thread has one of its own
    bool deleted;
    jmp_buf end;
    struct model_task *next;
};

struct model_queue {
    size_t size;
    unsigned length, first, count;
    unsigned char items[];
};

static pthread_mutex_t kernel = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t main_task;
static bool main_waits;        // the main task leaves the core to others
static struct model_task *runner; // who has the core instead
static int64_t slice_end;      // the tick at which the runner's share of time is over
static int64_t main_keeps;     // until then the main task shares its core at no tick
static uint32_t notifications;
static struct model_task *tasks;
static _Thread_local struct model_task *self;

static void delete_all_tasks(void);

__attribute__((constructor(102))) static void start_scheduler(void) {
    model_cond_init(&changed);
    main_task = pthread_self();
    model_at_end(delete_all_tasks);
}

void model_lock(void) {
    pthread_mutex_lock(&kernel);
}

void model_unlock(void) {
    pthread_mutex_unlock(&kernel);
}

void model_changed(void) {
    pthread_cond_broadcast(&changed);
}

void model_idle(int64_t until) {
    model_wait(&changed, &kernel, until);
}

// The core

bool model_in_main_task(void) {
    return pthread_equal(pthread_self(), main_task);
}

void model_core_blocks(void) {
    if (model_in_main_task()) {
        model_lock();
        main_waits = true;
        model_changed();
        model_unlock();
    }
}

void model_core_runs(void) {
    if (model_in_main_task()) {
        model_lock();
        main_waits = false;
        model_unlock();
    }
}

static void end_if_deleted(void) {
    if (self != NULL && self->deleted) {
        if (runner == self) {
            runner = NULL;
            model_changed();
        }
        model_unlock();
        longjmp(self->end, 1);
    }
}

// The main task goes on when whoever has the core waits, or has had its share of time.
void model_wait_for_core(void) {
    while (runner != NULL && model_in_main_task()) {
        model_wait(&changed, &kernel, -1);
    }
}

bool model_block(int64_t until) {
    bool in_time;
    if (model_in_main_task()) {
        main_keeps = 0;
        main_waits = true;
        model_changed();
        in_time = model_wait(&changed, &kernel, until);
        main_waits = false;
        model_wait_for_core();
    } else {
        if (self != NULL && runner == self) {
            runner = NULL;
            model_changed();
        }
        in_time = model_wait(&changed, &kernel, until);
        end_if_deleted();
    }
    return in_time;
}

void model_ready(void) {
    if (self == NULL || runner == self) {
        return;
    }
    int64_t tick = model_tick_after(model_now());
    while (!self->deleted && (runner != NULL || !main_waits)) {
        if (!model_wait(&changed, &kernel, main_keeps > tick ? main_keeps : tick) && model_now() >= main_keeps) {
            break;
        }
    }
    end_if_deleted();
    runner = self;
    slice_end = model_tick_after(model_now());
}

void model_keep_core(int64_t us) {
    main_keeps = model_now() + us;
}

// A task that does not wait goes on until the tick, and then lets the main task have its turn.
static void yield_at_tick(void) {
    if (self != NULL && runner == self && model_now() >= slice_end && !main_waits) {
        runner = NULL;
        model_changed();
        model_ready();
    }
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks) {
    model_lock();
    int64_t until = ticks == portMAX_DELAY ? -1 : model_tick_after(model_now()) + ((int64_t)ticks - 1) * 10000;
    while (notifications == 0 && (until < 0 || model_now() < until)) {
        model_block(until);
    }
    uint32_t taken = notifications;
    notifications = clear || taken == 0 ? 0 : taken - 1;
    model_unlock();
    return taken;
}

// Tasks

static void *run(void *argument) {
    self = argument;
    if (setjmp(self->end) == 0) {
        model_lock();
        model_ready();
        model_unlock();
        self->code(self->argument);
        model_panic("a FreeRTOS task returned");
    }
    return NULL;
}

BaseType_t xTaskCreatePinnedToCore(void (*code)(void *), const char *name, uint32_t stack, void *argument,
    UBaseType_t priority, TaskHandle_t *created, int core) {
    (void)name;
    (void)priority;
    (void)core;
    struct model_task *task = calloc(1, sizeof(*task));
    task->stack = heap_caps_malloc(stack, MALLOC_CAP_INTERNAL);
    if (task->stack == NULL) {
        free(task);
        return pdFAIL;
    }
    task->code = code;
    task->argument = argument;
    *created = task;
    model_lock();
    task->next = tasks;
    tasks = task;
    task->thread = model_start_thread(run, task);
    model_unlock();
    return pdPASS;
}

void vTaskDelete(TaskHandle_t task) {
    model_lock();
    for (struct model_task **place = &tasks; *place; place = &(*place)->next) {
        if (*place == task) {
            *place = task->next;
            break;
        }
    }
    task->deleted = true;
    model_changed();
    model_unlock();
    pthread_join(task->thread, NULL);
    heap_caps_free(task->stack);
    free(task);
}

static void delete_all_tasks(void) {
    while (tasks) {
        vTaskDelete(tasks);
    }
}

// Queues

QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t size) {
    struct model_queue *queue = heap_caps_calloc(1, sizeof(*queue) + length * size, MALLOC_CAP_INTERNAL);
    if (queue) {
        queue->length = length;
        queue->size = size;
    }
    return queue;
}

void vQueueDelete(QueueHandle_t queue) {
    heap_caps_free(queue);
}

BaseType_t xQueueSend(QueueHandle_t queue, const void *item, TickType_t ticks) {
    model_lock();
    int64_t until = ticks == portMAX_DELAY ? -1 : model_now() + (int64_t)ticks * 10000;
    while (queue->count == queue->length && ticks && model_block(until)) {
    }
    model_ready();
    bool room = queue->count < queue->length;
    if (room) {
        memcpy(queue->items + (queue->first + queue->count++) % queue->length * queue->size, item, queue->size);
        model_changed();
    }
    model_unlock();
    return room;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t ticks) {
    model_lock();
    int64_t until = ticks == portMAX_DELAY ? -1 : model_now() + (int64_t)ticks * 10000;
    while (queue->count == 0 && ticks && model_block(until)) {
    }
    model_ready();
    bool received = queue->count > 0;
    if (received) {
        memcpy(item, queue->items + queue->first * queue->size, queue->size);
        queue->first = (queue->first + 1) % queue->length;
        queue->count--;
        model_changed();
    }
    model_unlock();
    return received;
}

// Binary semaphores, with the kernel locked

bool model_take(unsigned *semaphore, TickType_t ticks) {
    int64_t until = ticks == portMAX_DELAY ? -1 : model_now() + (int64_t)ticks * 10000;
    while (*semaphore == 0) {
        if (!model_block(until)) {
            break;
        }
    }
    model_ready();
    bool taken = *semaphore > 0;
    *semaphore = 0;
    return taken;
}

void model_give(unsigned *semaphore) {
    *semaphore = 1;
    model_changed();
    yield_at_tick();
}
