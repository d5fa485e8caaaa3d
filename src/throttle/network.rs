use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What one customer of a provider usually has of the Internet: a /24 of IPv4, a /64 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Network {
    /// Addresses that begin with these 24 bits.
    V4([u8; 3]),
    /// Addresses that begin with these 64 bits.
    V6([u16; 4]),
    /// The address is not known: all of these are one network.
    Unknown,
}

impl Network {
    /// The network of a client address in text. An IPv4 address that is mapped into IPv6 counts as
    /// IPv4.
    #[must_use]
    pub fn of(address: Option<&str>) -> Self {
        let address = address.and_then(|text| text.trim().parse::<IpAddr>().ok());
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
            None => Self::Unknown,
        }
    }
}

impl fmt::Display for Network {
    /// In CIDR notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Self::V6([a, b, c, d]) => {
                write!(f, "{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            Self::Unknown => f.write_str("elsewhere"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[track_caller]
    fn check(address: &str, network: &str) {
        assert_eq!(Network::of(Some(address)).to_string(), network, "{address}");
    }

    #[test]
    fn neighbors_share_a_network() {
        check("203.0.113.7", "203.0.113.0/24");
        check("203.0.113.255", "203.0.113.0/24");
        check("203.0.114.7", "203.0.114.0/24");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("2001:db8:1:2::", "2001:db8:1:2::/64");
        check("2001:db8:1:3::1", "2001:db8:1:3::/64");
    }

    #[test]
    fn one_address_has_one_network_however_it_is_written() {
        check("::ffff:203.0.113.7", "203.0.113.0/24");
        check("::ffff:cb00:7107", "203.0.113.0/24");
        check("2001:DB8:0001:0002:0:0:0:1", "2001:db8:1:2::/64");
        check(" 203.0.113.7 ", "203.0.113.0/24");
    }

    #[test]
    fn what_is_no_address_is_elsewhere() {
        for text in ["", "localhost", "203.0.113", "203.0.113.7, 10.0.0.1", "::g"] {
            check(text, "elsewhere");
        }
        assert_eq!(Network::of(None), Network::Unknown);
    }
}
