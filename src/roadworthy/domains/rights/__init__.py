"""What a person may ask about their data, and what is carried out in our own stores."""
