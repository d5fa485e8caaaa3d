"""Reads key URIs, one a line, with pyotp; writes one JSON line for each."""

import json
import sys

import pyotp

for line in sys.stdin:
    totp = pyotp.parse_uri(line.strip())
    print(
        json.dumps(
            {
                "issuer": totp.issuer,
                "account": totp.name,
                "secret": totp.secret,
                "digits": totp.digits,
                "period": totp.interval,
                "code_at_59": totp.at(59),
            }
        )
    )
