/*
 * A plugin for qemu-user that counts the instructions of the program it runs.
 *
 * Each time the program writes to its standard output, the number of instructions so far goes to
 * QEMU's log: what happens between two writes is what they cost. tools/get-qemu builds it.
 *
 * The declarations are those of QEMU's plugin interface, version 1, as in QEMU 7.2: Debian's
 * package has no header. No library is used, so that it fits whatever libc QEMU brings.
 */
typedef unsigned long u64;
typedef long s64;

struct qemu_plugin_tb; /* a translated block of the program */
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0 }; /* QEMU_PLUGIN_INLINE_ADD_U64 */

u64 qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, u64 index);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                void *counter, u64 summand);
void qemu_plugin_register_vcpu_tb_trans_cb(u64 id, void (*call)(u64, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_syscall_cb(u64 id, void (*call)(u64, unsigned, s64, u64, u64, u64,
                                                               u64, u64, u64, u64, u64));
void qemu_plugin_outs(const char *text);

/* QEMU looks for this name. */
int qemu_plugin_version = 1;

enum { WRITE = 4, STANDARD_OUTPUT = 1 }; /* of Linux on i386 */

static u64 count;

static void on_translation(u64 id, struct qemu_plugin_tb *block)
{
    u64 instructions = qemu_plugin_tb_n_insns(block);
    /* One by one: a block may be left in the middle. */
    for (u64 i = 0; i < instructions; i++)
        qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_tb_get_insn(block, i),
                                                   INLINE_ADD_U64, &count, 1);
}

static void on_syscall(u64 id, unsigned cpu, s64 number, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5,
                       u64 a6, u64 a7, u64 a8)
{
    char text[24];
    char *p = text + sizeof text;
    u64 rest = count;
    if (number != WRITE || a1 != STANDARD_OUTPUT)
        return;
    *--p = 0;
    *--p = '\n';
    do {
        *--p = '0' + rest % 10;
        rest /= 10;
    } while (rest);
    qemu_plugin_outs(p);
}

int qemu_plugin_install(u64 id, const void *info, int argc, char **argv)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}
