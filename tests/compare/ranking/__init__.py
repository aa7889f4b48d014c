"""Text search against its peers, through Python, on 100,000 real short texts.

`texts.py` has the data, `engines.py` one class for each library, `__main__.py` what is measured. All get the same terms.
"""
