//! Where the tree of names begins: <https://www.iana.org/domains/root/servers>.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The root servers by their letters, each with both its addresses.
pub(super) const ROOTS: [[IpAddr; 2]; 13] = [
    both([198, 41, 0, 4], [0x2001, 0x503, 0xba3e, 0, 0, 0, 0x2, 0x30]),
    both([170, 247, 170, 2], [0x2801, 0x1b8, 0x10, 0, 0, 0, 0, 0xb]),
    both([192, 33, 4, 12], [0x2001, 0x500, 0x2, 0, 0, 0, 0, 0xc]),
    both([199, 7, 91, 13], [0x2001, 0x500, 0x2d, 0, 0, 0, 0, 0xd]),
    both([192, 203, 230, 10], [0x2001, 0x500, 0xa8, 0, 0, 0, 0, 0xe]),
    both([192, 5, 5, 241], [0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf]),
    both([192, 112, 36, 4], [0x2001, 0x500, 0x12, 0, 0, 0, 0, 0xd0d]),
    both([198, 97, 190, 53], [0x2001, 0x500, 0x1, 0, 0, 0, 0, 0x53]),
    both([192, 36, 148, 17], [0x2001, 0x7fe, 0, 0, 0, 0, 0, 0x53]),
    both([192, 58, 128, 30], [0x2001, 0x503, 0xc27, 0, 0, 0, 0x2, 0x30]),
    both([193, 0, 14, 129], [0x2001, 0x7fd, 0, 0, 0, 0, 0, 0x1]),
    both([199, 7, 83, 42], [0x2001, 0x500, 0x9f, 0, 0, 0, 0, 0x42]),
    both([202, 12, 27, 33], [0x2001, 0xdc3, 0, 0, 0, 0, 0, 0x35]),
];

const fn both(old: [u8; 4], new: [u16; 8]) -> [IpAddr; 2] {
    let [a, b, c, d] = old;
    let [e, f, g, h, i, j, k, l] = new;
    [IpAddr::V4(Ipv4Addr::new(a, b, c, d)), IpAddr::V6(Ipv6Addr::new(e, f, g, h, i, j, k, l))]
}
