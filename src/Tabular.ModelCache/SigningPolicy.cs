namespace Tabular.ModelCache;

/// <summary>What a manifest needs before it is believed.</summary>
public enum SigningPolicy
{
    /// <summary>A signature by a trusted key. The default once a key is configured.</summary>
    Require,

    /// <summary>Nothing: signatures are written where there is a signing key, and not looked at.</summary>
    Off,
}
