"""Countries as lists write them, to ISO 3166-1 alpha-2 codes, so that two can be compared."""

from __future__ import annotations

from types import MappingProxyType

from portal.evidence.names import latin

# OFAC's own English spellings first, then others in use; "|" between spellings.
_SPELLINGS = """
AF Afghanistan;AL Albania;DZ Algeria;AD Andorra;AO Angola;AG Antigua and Barbuda;AR Argentina
AM Armenia;AW Aruba;AU Australia;AT Austria;AZ Azerbaijan;BS Bahamas, The|Bahamas;BH Bahrain
BD Bangladesh;BB Barbados;BY Belarus;BE Belgium;BZ Belize;BJ Benin;BM Bermuda;BT Bhutan;BO Bolivia
BA Bosnia and Herzegovina;BW Botswana;BR Brazil;VG Virgin Islands, British|British Virgin Islands
BN Brunei;BG Bulgaria;BF Burkina Faso;MM Burma|Myanmar;BI Burundi;KH Cambodia;CM Cameroon;CA Canada
CV Cabo Verde|Cape Verde;KY Cayman Islands;CF Central African Republic;TD Chad;CL Chile;CN China
CO Colombia;KM Comoros;CD Congo, Democratic Republic of the|Democratic Republic of the Congo
CG Congo, Republic of the|Republic of the Congo|Congo;CK Cook Islands;CR Costa Rica
CI Cote d'Ivoire|Ivory Coast;HR Croatia;CU Cuba;CW Curacao;CY Cyprus;CZ Czech Republic|Czechia
DK Denmark;DJ Djibouti;DM Dominica;DO Dominican Republic;EC Ecuador;EG Egypt;SV El Salvador
GQ Equatorial Guinea;ER Eritrea;EE Estonia;SZ Eswatini|Swaziland;ET Ethiopia;FJ Fiji;FI Finland
FR France;GA Gabon;GM Gambia, The|Gambia;GE Georgia;DE Germany;GH Ghana;GI Gibraltar;GR Greece
GD Grenada;GT Guatemala;GG Guernsey;GN Guinea;GW Guinea-Bissau;GY Guyana;HT Haiti;HN Honduras
HK Hong Kong;HU Hungary;IS Iceland;IN India;ID Indonesia;IR Iran|Islamic Republic of Iran;IQ Iraq
IE Ireland;IM Man, Isle of|Isle of Man;IL Israel;IT Italy;JM Jamaica;JP Japan;JE Jersey;JO Jordan
KZ Kazakhstan;KE Kenya;KI Kiribati;KP Korea, North|North Korea;KR Korea, South|South Korea
XK Kosovo;KW Kuwait;KG Kyrgyzstan;LA Laos;LV Latvia;LB Lebanon;LS Lesotho;LR Liberia;LY Libya
LI Liechtenstein;LT Lithuania;LU Luxembourg;MO Macau|Macao;MG Madagascar;MW Malawi;MY Malaysia
MV Maldives;ML Mali;MT Malta;MH Marshall Islands;MR Mauritania;MU Mauritius;MX Mexico
FM Micronesia;MD Moldova;MC Monaco;MN Mongolia;ME Montenegro;MA Morocco;MZ Mozambique;NA Namibia
NR Nauru;NP Nepal;NL Netherlands|The Netherlands;NZ New Zealand;NI Nicaragua;NE Niger;NG Nigeria
MK North Macedonia, The Republic of|North Macedonia|Macedonia;NO Norway;OM Oman;PK Pakistan;PW Palau
PS Palestinian|West Bank|Gaza|Palestine;PA Panama;PG Papua New Guinea;PY Paraguay;PE Peru
PH Philippines;PL Poland;PT Portugal;PR Puerto Rico;QA Qatar;RO Romania;RU Russia|Russian Federation
RW Rwanda;KN Saint Kitts and Nevis;LC Saint Lucia;VC Saint Vincent and the Grenadines;WS Samoa
SM San Marino;SA Saudi Arabia;SN Senegal;RS Serbia;SC Seychelles;SL Sierra Leone;SG Singapore
SK Slovakia;SI Slovenia;SB Solomon Islands;SO Somalia;ZA South Africa;SS South Sudan;ES Spain
LK Sri Lanka;SD Sudan;SR Suriname;SE Sweden;CH Switzerland;SY Syria;TW Taiwan;TJ Tajikistan
TZ Tanzania;TH Thailand;TL Timor-Leste;TG Togo;TO Tonga;TT Trinidad and Tobago;TN Tunisia
TR Turkey|Turkiye;TM Turkmenistan;TV Tuvalu;UG Uganda;UA Ukraine
AE United Arab Emirates;GB United Kingdom|Great Britain|England|Scotland|Wales|Northern Ireland
US United States|United States of America;UY Uruguay;UZ Uzbekistan;VU Vanuatu
VA Vatican City|Holy See;VE Venezuela;VN Vietnam;YE Yemen;ZM Zambia;ZW Zimbabwe
"""


def _table() -> dict[str, str]:
    rows = [row for line in _SPELLINGS.strip().splitlines() for row in line.split(";")]
    table = {row[:2].lower(): row[:2] for row in rows}
    for row in rows:
        table.update({latin(spelling): row[:2] for spelling in row[3:].split("|")})
    return table


_CODE_BY_SPELLING = MappingProxyType(_table())


def code(country: str) -> str:
    """ISO 3166-1 alpha-2 code of a country's name or code; "" when it is not known."""
    return _CODE_BY_SPELLING.get(latin(country), "")


def disjoint(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Both sides name countries that are known, and share none."""
    left = {code(country) for country in some} - {""}
    right = {code(country) for country in others} - {""}
    return bool(left and right) and not left & right
