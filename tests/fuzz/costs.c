// SPDX-License-Identifier: GPL-2.0-only
#include "costs.h"
#include "sim.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define EVENTFD_UNMASK (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK)

static struct costs_memory used(void)
{
	struct sim_counts counts;

	sim_counts(&counts);
	return (struct costs_memory){ counts.bytes, counts.allocations };
}

static struct costs_memory minus(struct costs_memory a, struct costs_memory b)
{
	return (struct costs_memory){ a.bytes - b.bytes, a.allocations - b.allocations };
}

static bool measure(struct costs *costs)
{
	static const int none[2] = { -1, -1 };
	struct costs_memory before, one;
	int fd = sim_eventfd();

	costs->machine = used();

	/* Refused, and counted: the record is there from now on. */
	if (!sim_disable(VFIO_PCI_ERR_IRQ_INDEX))
		return false;
	before = used();
	costs->record = minus(before, costs->machine);

	/* Without dynamic and reserved irqs there are as many as the request has. */
	if (sim_bind(MSIX, 0, 1, none))
		return false;
	one = used();
	if (sim_disable(MSIX) || sim_bind(MSIX, 0, 2, none))
		return false;
	costs->irq = minus(used(), one);
	costs->context = minus(minus(one, before), costs->irq);
	one = used();
	if (sim_bind(MSIX, 0, 1, &fd))
		return false;
	costs->vector = minus(used(), one);

	if (sim_disable(MSIX) || sim_bind(INTX, 0, 1, none))
		return false;
	costs->line = minus(minus(used(), before), costs->context);
	one = used();
	if (sim_set_irqs(EVENTFD_UNMASK, INTX, 0, 1, &fd, sizeof(fd)))
		return false;
	costs->unmask = minus(used(), one);
	one = used();
	if (sim_bind(VFIO_PCI_ERR_IRQ_INDEX, 0, 1, &fd))
		return false;
	costs->single = minus(used(), one);
	return true;
}

bool costs_measure(struct costs *costs)
{
	static const struct sim_options options = { .no_dynamic = true };
	bool ok;

	if (sim_start(&options))
		return false;
	ok = !sim_set_param("msix_reserve", 0) && !sim_open_device() && measure(costs);
	sim_stop();
	return ok;
}

static void add(struct costs_memory *sum, struct costs_memory each, unsigned int n)
{
	sum->bytes += each.bytes * n;
	sum->allocations += each.allocations * n;
}

struct costs_memory costs_of(const struct costs *costs, const struct bindings_accounts *accounts,
			     bool record)
{
	struct costs_memory sum = costs->machine;

	add(&sum, costs->record, record);
	add(&sum, costs->context, accounts->contexts);
	add(&sum, costs->irq, accounts->irqs);
	add(&sum, costs->vector, accounts->requested - accounts->lines);
	add(&sum, costs->line, accounts->lines);
	add(&sum, costs->unmask, accounts->unmasks);
	add(&sum, costs->single, accounts->singles);
	return sum;
}
