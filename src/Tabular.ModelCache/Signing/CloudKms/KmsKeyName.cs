using System.Text.RegularExpressions;

namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>The resource name of one version of a key (<see href="https://cloud.google.com/kms/docs/resource-hierarchy"/>).</summary>
/// <param name="Text">The whole name.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Location">The location, <c>global</c> or a region.</param>
/// <param name="KeyRing">The key ring.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">The version, from 1.</param>
internal sealed partial record KmsKeyName(string Text, string Project, string Location, string KeyRing, string Key, string Version)
{
    public const string Form = "projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY/cryptoKeyVersions/NUMBER";

    /// <exception cref="FormatException">The text is no such name; the message is to be read after the origin.</exception>
    public static KmsKeyName Parse(string text)
    {
        var match = Pattern().Match(text);
        return match.Success
            ? new KmsKeyName(text, Part("project"), Part("location"), Part("ring"), Part("key"), Part("version"))
            : throw new FormatException($"is '{StrictElement.Printable(text)}'; expected is {Form}");

        string Part(string name) => match.Groups[name].Value;
    }

    public override string ToString() => Text;

    /// <summary>The flags by which gcloud names the key ring of the key.</summary>
    public string GcloudFlags => $"--keyring={KeyRing} --location={Location} --project={Project}";

    [GeneratedRegex(
        @"\Aprojects/(?<project>[a-z0-9][a-z0-9.:-]{0,99})/locations/(?<location>[a-z0-9-]{1,63})/keyRings/(?<ring>[A-Za-z0-9_-]{1,63})" +
        @"/cryptoKeys/(?<key>[A-Za-z0-9_-]{1,63})/cryptoKeyVersions/(?<version>[1-9][0-9]{0,8})\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
