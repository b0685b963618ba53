namespace Tabular.ModelCache.Leases;

/// <summary>
/// Chooses when to try a create that many may want at once. Late slots are exponentially more likely than early ones, so that for any
/// number of contenders up to ten thousand the first slot that anybody chooses has only a few, and the others see who won (the
/// distribution of Sift, Jamieson, Balakrishnan and Tay, 2003). Cloud Storage takes one change of an object a second and answers 429 to more.
/// </summary>
internal static class Election
{
    public const int Slots = 8;

    private const double MostContenders = 10_000;

    // Each slot is chosen this much less often than the next.
    private static readonly double Ratio = Math.Pow(MostContenders, -1.0 / (Slots - 1));

    /// <summary>Chooses a slot, from 0 to 7.</summary>
    /// <param name="uniform">A random number from 0 up to, but not including, 1.</param>
    public static int ChooseSlot(double uniform)
    {
        // The probability of slots 0 to i is ratio^(7 - i) * (1 - ratio^(i + 1)) / (1 - ratio^8).
        for (var i = 0; i < Slots - 1; i++)
        {
            if (uniform < Math.Pow(Ratio, Slots - 1 - i) * (1 - Math.Pow(Ratio, i + 1)) / (1 - Math.Pow(Ratio, Slots)))
            {
                return i;
            }
        }

        return Slots - 1;
    }
}
