"""English names of people, companies and places. All invented."""

from .vocabulary import Vocabulary, phrases, words

ENGLISH = Vocabulary(
    language="en",
    # The commonest first.
    surnames=words(
        """
        Smith Johnson Williams Brown Jones Garcia Miller Davis Wilson Anderson Taylor Thomas Moore Martin
        Jackson Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams
        Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards
        Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox
        Richardson Wood Watson Brooks Bennett Gray James Hughes Price Myers Long Foster Sanders Ross Morales
        Powell Sullivan Russell Ortiz Jenkins Perry Butler Barnes Fisher O'Brien Müller Øster Núñez
        """
    ),
    given_names=words(
        """
        James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan
        Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra
        Mark Margaret Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua Michelle Kenneth Carol Kevin
        Amanda Brian Melissa George Deborah Timothy Stephanie Ronald Rebecca Jason Laura Edward Helen Jeffrey
        Sharon Ryan Cynthia Jacob Kathleen Gary Amy Nicholas Angela Eric Anna Jonathan Ruth Stephen Brenda Larry
        Pamela Justin Nicole Scott Katherine Brandon Samantha
        """
    ),
    brand_starts=words(
        """
        Blue Silver North Golden Bright Summit Cedar Harbor River Stone Maple Iron Clear Grand Pacific Atlantic
        Evergreen Red White Granite Liberty Pioneer Sterling Crystal Falcon Eagle Lake Coral Copper Ocean
        Prairie Canyon Highland Meadow Aspen Birch Willow Ember Nova Apex Vertex Orion Quantum Lunar Solar Terra
        Aero Hydro Metro Inter Trans Omni
        """
    ),
    brand_ends=words(
        """
        field wood ridge view gate point bridge crest brook haven stone land side ford dale port shore peak line
        way works craft path light wave star mark tree hill rock
        """
    ),
    trades={
        "Information technology": ("Technologies", "Software", "Systems"),
        "Wholesale and retail": ("Trading", "Imports", "Supply"),
        "Machinery": ("Machinery", "Manufacturing"),
        "Electronics": ("Electronics", "Semiconductors"),
        "Health": ("Biotech", "Medical"),
        "Food and drink": ("Foods", "Catering"),
        "Construction": ("Construction", "Building Materials"),
        "Logistics": ("Logistics", "Freight"),
        "Media": ("Media", "Advertising"),
        "Education": ("Learning",),
        "Energy": ("Energy", "Recycling"),
        "Chemicals": ("Chemicals",),
        "Textiles": ("Textiles", "Apparel"),
        "Automotive": ("Auto Parts",),
        "Travel": ("Hotels", "Travel"),
        "Agriculture": ("Farms",),
        "Finance": ("Capital", "Insurance"),
    },
    forms=("Ltd", "Inc", "LLC", "Co", "Group", "Corporation"),
    cities=phrases(
        """
        New York, Los Angeles, Chicago, Houston, Phoenix, Philadelphia, San Antonio, San Diego, Dallas,
        Austin, Seattle, Denver, Boston, Portland, Atlanta, Miami, Detroit, Minneapolis, Tampa, Cleveland,
        Pittsburgh, Cincinnati, Orlando, Sacramento, London, Manchester, Leeds, Glasgow, Dublin, Toronto,
        Vancouver, Sydney, Melbourne, Auckland, Singapore, Hong Kong
        """
    ),
    country="United States",
    abroad={
        **dict.fromkeys(("London", "Manchester", "Leeds", "Glasgow"), "United Kingdom"),
        **dict.fromkeys(("Toronto", "Vancouver"), "Canada"),
        **dict.fromkeys(("Sydney", "Melbourne"), "Australia"),
        "Dublin": "Ireland",
        "Auckland": "New Zealand",
        "Singapore": "Singapore",
        "Hong Kong": "Hong Kong SAR",
    },
    streets=phrases(
        """
        Market Street, Main Street, Park Avenue, Oak Road, Mill Lane, Station Road, High Street, King Street
        """
    ),
    areas=words(
        """
        12125550 13105550 13125550 17135550 16025550 12155550 16195550 12145550 15125550 12065550 13035550
        16175550
        """
    ),
    titles=phrases(
        """
        Managing Director, Purchasing Manager, Buyer, Finance Manager, Chief Technology Officer, Sales
        Director, Marketing Manager, Office Manager, Engineer
        """
    ),
    departments=phrases(
        """
        Purchasing, Finance, Engineering, Sales, Marketing, Administration, Production
        """
    ),
)
