# SPDX-License-Identifier: Apache-2.0
# What runs on QEMU's CPU to reach its local APIC: a multiboot program that does the operations at 200000h one by one.
#
#   in    count, then three words each: 0 read, 1 write, 2 let one interrupt in, 3 wait, 4 rdmsr, 5 wrmsr;
#         offset from FEE00000h, or the MSR; value
#   out   port E9h, five bytes an operation: NMIs since the last one, bit 7: a general protection; what was read, or the
#         vector that came (0: none)
#   end   port F4h (isa-debug-exit)
        .set    APIC, 0xfee00000
        .set    OPERATIONS, 0x200000
        .code32
        .section .text
        .align  4
        .long   0x1badb002, 0, -0x1badb002      # Multiboot Specification 0.6.96, 3.1.1

        .globl  _start
_start: lgdt    gdt_pointer
        ljmp    $8, $1f
1:      mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $stack_end, %esp
        mov     $0xff, %al                      # no 8259 in the way
        out     %al, $0x21
        out     %al, $0xa1
        xor     %ecx, %ecx                      # gate n leads to handler n
2:      mov     $first_handler, %eax
        imul    $16, %ecx, %edx
        add     %edx, %eax
        mov     %ax, idt(,%ecx,8)
        movw    $8, idt+2(,%ecx,8)
        movw    $0x8e00, idt+4(,%ecx,8)         # present, 32-bit interrupt gate
        shr     $16, %eax
        mov     %ax, idt+6(,%ecx,8)
        inc     %ecx
        cmp     $256, %ecx
        jne     2b
        lidt    idt_pointer

        mov     $OPERATIONS, %esi
        mov     (%esi), %ebp
        add     $4, %esi
next:   test    %ebp, %ebp
        jz      done
        dec     %ebp
        mov     4(%esi), %edi
        add     $APIC, %edi
        mov     (%esi), %eax
        cmp     $1, %eax
        jb      read
        je      write
        cmp     $3, %eax
        je      wait
        cmp     $4, %eax
        je      rdmsr
        ja      wrmsr
        movl    $0, vector                      # an interrupt is taken between two instructions behind STI's shadow
        sti
        nop
        jmp     3f
3:      nop
        cli
        mov     vector, %ebx
        jmp     tell
read:   mov     (%edi), %ebx
        jmp     tell
rdmsr:  mov     4(%esi), %ecx
        xor     %eax, %eax
        rdmsr
        mov     %eax, %ebx
        jmp     tell
wrmsr:  mov     4(%esi), %ecx
        mov     8(%esi), %eax
        xor     %edx, %edx
        xor     %ebx, %ebx
        wrmsr
        jmp     tell
wait:   mov     8(%esi), %ecx                   # that many instructions, of a nanosecond each (-icount)
        xor     %ebx, %ebx
7:      loop    7b
        jmp     tell
write:  mov     8(%esi), %eax
        xor     %ebx, %ebx
        mov     %eax, (%edi)
        jmp     tell
tell:   jmp     4f                              # an NMI is taken at the begin of a block
4:      nop
        jmp     5f
5:      xor     %eax, %eax
        xchg    %al, nmis
        out     %al, $0xe9
        mov     $4, %ecx
6:      mov     %bl, %al
        out     %al, $0xe9
        shr     $8, %ebx
        loop    6b
        add     $12, %esi
        jmp     next
done:   mov     $1, %al
        out     %al, $0xf4
        hlt

        .align  16
first_handler:
        .set    n, 0
        .rept   256
        .align  16
        .if     n == 2
        incb    nmis
        .elseif n == 13                         # RDMSR or WRMSR, two bytes long; behind it is an error code
        orb     $0x80, nmis
        add     $4, %esp
        addl    $2, (%esp)
        .else
        movl    $n, vector
        .endif
        iret
        .set    n, n + 1
        .endr

        .section .data
        .align  8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .long   gdt
idt_pointer:
        .word   256 * 8 - 1
        .long   idt
vector: .long   0
nmis:   .byte   0
        .section .bss
        .align  16
idt:    .skip   256 * 8
        .skip   4096
stack_end:
