/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of the walk: effective addresses, accesses, the stack. */
#include "sampling/operand-machine.h"

/* A frame pointer is one when it lies this close above the stack pointer. */
#define FRAME_BYTES_MAX 65536

static const struct operand_value unknown = { 0, false };

/* Stack memory: the thread's own, so what the walk stored is what it will load, unless a store
 * whose address is not known may lie between. */
static void stores_drop(struct operand_machine *machine, unsigned position)
{
	machine->stores[position] = machine->stores[--machine->stores_count];
}

static void stores_drop_overlapping(struct operand_machine *machine, uint64_t address,
				    uint64_t size)
{
	for (unsigned i = machine->stores_count; i-- > 0;) {
		const struct operand_store *store = &machine->stores[i];

		if (store->address - address < size || address - store->address < store->size)
			stores_drop(machine, i);
	}
}

/* No pointer to a return address exists in ordinary code: it alone outlives a store to an unknown
 * place. */
static void stores_drop_values(struct operand_machine *machine)
{
	for (unsigned i = machine->stores_count; i-- > 0;)
		if (!machine->stores[i].is_return_address)
			stores_drop(machine, i);
}

static void stores_add(struct operand_machine *machine, uint64_t address, unsigned size,
		       uint64_t value, bool is_return_address)
{
	if (machine->stores_count == OPERAND_STORES_MAX)
		stores_drop(machine, 0);
	machine->stores[machine->stores_count++] = (struct operand_store){
		.address = address,
		.value = value,
		.size = (uint8_t)size,
		.is_return_address = is_return_address,
	};
}

struct operand_value operand_stored_value(const struct operand_machine *machine,
					  struct operand_value address, unsigned size)
{
	if (!address.known)
		return unknown;
	for (unsigned i = 0; i < machine->stores_count; i++) {
		const struct operand_store *store = &machine->stores[i];

		if (store->address == address.bits && store->size >= size)
			return (struct operand_value){ store->value & operand_size_mask(size),
						       true };
	}
	return unknown;
}

void operand_note_access(struct operand_machine *machine, uint64_t address, unsigned size,
			 bool is_write, bool is_stack)
{
	if (machine->accesses_count == OPERAND_ACCESSES_MAX)
		return;
	machine->accesses[machine->accesses_count++] = (struct operand_access){
		.address = address,
		.ip = machine->ip,
		.size = (uint16_t)size,
		.steps = machine->steps,
		.is_write = is_write,
		.is_stack = is_stack,
	};
}

static bool is_stack_base(const struct operand_machine *machine, unsigned base)
{
	uint64_t sp =
		operand_gpr_is_known(machine, GPR_SP) ? machine->gpr[GPR_SP] : machine->sampled_sp;

	return base == GPR_SP || (base == GPR_BP && machine->gpr[GPR_BP] - sp <= FRAME_BYTES_MAX);
}

struct operand_value operand_effective_address(const struct operand_machine *machine,
					       const struct operand_instruction *in)
{
	uint64_t address = (uint64_t)in->displacement;

	if (in->is_address_opaque)
		return unknown;
	if (in->base != GPR_NONE) {
		if (!operand_gpr_is_known(machine, in->base))
			return unknown;
		address += machine->gpr[in->base];
	}
	if (in->index != GPR_NONE) {
		if (!operand_gpr_is_known(machine, in->index))
			return unknown;
		address += machine->gpr[in->index] << in->scale_shift;
	}
	return (struct operand_value){ in->is_address_32bit ? (uint32_t)address : address, true };
}

/* The explicit memory operand: notes the access. Its address, where it is known. */
struct operand_value operand_touch_memory(struct operand_machine *machine,
					  const struct operand_instruction *in)
{
	struct operand_value address = operand_effective_address(machine, in);

	if (address.known)
		operand_note_access(machine, address.bits, in->memory_size, in->is_memory_write,
				    is_stack_base(machine, in->base));
	return address;
}

void operand_memory_write(struct operand_machine *machine, const struct operand_instruction *in,
			  struct operand_value address, struct operand_value value)
{
	if (!address.known) {
		stores_drop_values(machine);
		return;
	}
	if (machine->stores_count)
		stores_drop_overlapping(machine, address.bits, in->memory_size);
	if (value.known && in->memory_size <= 8 && is_stack_base(machine, in->base))
		stores_add(machine, address.bits, in->memory_size, value.bits, false);
}

void operand_stack_push(struct operand_machine *machine, unsigned size, struct operand_value value,
			bool is_return_address)
{
	uint64_t address = machine->gpr[GPR_SP] - size;

	if (!operand_gpr_is_known(machine, GPR_SP)) {
		machine->stores_count = 0;
		return;
	}
	machine->gpr[GPR_SP] = address;
	operand_note_access(machine, address, size, true, true);
	stores_drop_overlapping(machine, address, size);
	if (value.known)
		stores_add(machine, address, size, value.bits, is_return_address);
}

struct operand_value operand_stack_pop(struct operand_machine *machine, unsigned size)
{
	struct operand_value address = operand_gpr_read(machine, GPR_SP);
	struct operand_value value = operand_stored_value(machine, address, size);

	if (!address.known)
		return unknown;
	operand_note_access(machine, address.bits, size, false, true);
	machine->gpr[GPR_SP] = address.bits + size;
	return value;
}
