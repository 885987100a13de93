/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_PARAMS_H
#define SIM_KAPI_PARAMS_H

void kapi_params_reset(void);

#endif /* SIM_KAPI_PARAMS_H */
