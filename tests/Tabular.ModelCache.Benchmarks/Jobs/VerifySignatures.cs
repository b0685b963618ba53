using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Signatures;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>
/// Against nothing but the arithmetic: <see cref="ECDsa"/> over the same bytes, with the key imported before. Ours also decodes and parses
/// the documents, computes their digests, checks every name in them, and imports the key.
/// </summary>
/// <remarks>Both run in this process, and so often that the seconds of the table are the milliseconds of one verification.</remarks>
internal sealed class VerifySignatures : IBenchmark
{
    private const int Rounds = 1000;

    private SignedDocuments? _documents;
    private DsseEnvelope[] _envelopes = [];

    public string Name => "verify-signatures";

    public string Ours => string.Create(
        CultureInfo.InvariantCulture, $"{Rounds} times: verify a signed manifest (2 models, 3 versions each) and two bundles (11 and 6 files)");

    public long Bytes => Rounds * _envelopes.Sum(envelope => (long)envelope.Encode().Length);

    public string? Missing => null;

    public IReadOnlyList<Opponent> Opponents => [new("ecdsa", "`ECDsa.VerifyData` of the same three payloads, as often", MeasureEcdsaAsync)];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var documents = await GetDocumentsAsync(cancellationToken);
        var trust = new ManifestTrust([documents.Key], signer: null, requires: true, minimumSequence: 0, "ModelCache:Signing");
        var keys = new VerificationKeys([documents.Key]);
        var files = 0;
        var measurement = await MeasureAsync(async () =>
        {
            var manifest = await trust.OpenAsync(
                documents.Manifest, "manifest.json", (_, _) => Task.FromResult<byte[]?>(documents.ManifestSignature), cancellationToken);
            files += manifest.Models.Count;
            foreach (var bundle in documents.Bundles)
            {
                files += ModelBundle.Verify(bundle, keys, "model.sig").Resources.Count;
            }
        });
        return files == Rounds * (2 + 11 + 6)
            ? measurement
            : throw new BenchmarkException($"The documents should name 2 models and 11 and 6 files, but name {files / (double)Rounds} together.");
    }

    private async Task<Measurement> MeasureEcdsaAsync(CancellationToken cancellationToken)
    {
        var documents = await GetDocumentsAsync(cancellationToken);
        using var key = ECDsa.Create();
        key.ImportFromPem(documents.Key.Pem);
        var signed = _envelopes.Select(envelope => (Bytes: envelope.Encode(), envelope.Signatures[0].Signature)).ToArray();
        var good = 0;
        var measurement = await MeasureAsync(() =>
        {
            foreach (var (bytes, signature) in signed)
            {
                good += key.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) ? 1 : 0;
            }

            return Task.CompletedTask;
        });
        return good == Rounds * signed.Length ? measurement : throw new BenchmarkException("ECDsa.VerifyData should accept every signature, but did not.");
    }

    private static async Task<Measurement> MeasureAsync(Func<Task> verify)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Rounds; i++)
        {
            await verify();
        }

        return new Measurement(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 0, null);
    }

    private async ValueTask<SignedDocuments> GetDocumentsAsync(CancellationToken cancellationToken)
    {
        if (_documents is null)
        {
            _documents = await SignedDocuments.CreateAsync(cancellationToken);
            using var manifest = StrictJson.Parse(_documents.ManifestSignature, ManifestTrust.MostBytes, DsseEnvelope.MostTokens);
            _envelopes =
            [
                DsseEnvelope.Read(new StrictElement(manifest.RootElement, null), ManifestTrust.PayloadType, ManifestTrust.MostBytes),
                .. _documents.Bundles.Select(bundle => ModelBundle.Parse(bundle).Envelope),
            ];
        }

        return _documents;
    }
}
