/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points: every call that code under test makes of the kernel's API passes here
 * twice, before and after, and a hook may raise an interrupt or make it fail.
 */
#ifndef SIM_KAPI_POINT_H
#define SIM_KAPI_POINT_H

/**
 * kapi_enter() - a function of the kernel's API was called
 * @name: its name, for people; must stay valid
 * @error: negative errno with which it may fail here, 0 if it never fails
 *
 * Calls made by other functions of the API, and those of handlers, are no
 * points. Each kapi_enter() has its kapi_leave().
 *
 * Return: 0, or @error if the hook wants it to fail.
 */
int kapi_enter(const char *name, int error);
void kapi_leave(void);

/* Inside a function of the API, between two things that others can see. */
void kapi_step(const char *name);

/* An operation starts: points are numbered from 0. Until the end they exist. */
void kapi_operation_begin(void);
void kapi_operation_end(void);

#endif /* SIM_KAPI_POINT_H */
