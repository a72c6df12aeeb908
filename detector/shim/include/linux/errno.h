/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_ERRNO_H
#define _LINUX_ERRNO_H
#define EPERM	     1
#define ENOENT	     2
#define ESRCH	     3
#define EINTR	     4
#define EIO	     5
#define ENXIO	     6
#define E2BIG	     7
#define ECHILD	     10
#define EAGAIN	     11
#define ENOMEM	     12
#define EACCES	     13
#define EFAULT	     14
#define EBUSY	     16
#define EEXIST	     17
#define ENODEV	     19
#define EINVAL	     22
#define EMFILE	     24
#define ENOTTY	     25
#define EFBIG	     27
#define ENOSPC	     28
#define EROFS	     30
#define EDOM	     33
#define ERANGE	     34
#define EDEADLK	     35
#define ENAMETOOLONG 36
#define ENOSYS	     38
#define ENODATA	     61
#define ETIME	     62
#define EPROTO	     71
#define EOVERFLOW    75
#define EOPNOTSUPP   95
#define EADDRINUSE   98
#define ENOBUFS	     105
#define ETIMEDOUT    110
#define EALREADY     114
#define EINPROGRESS  115
#define ECANCELED    125
/* inside a kernel only */
#define ERESTARTSYS  512
#define EPROBE_DEFER 517
#define ENOTSUPP     524
#endif
